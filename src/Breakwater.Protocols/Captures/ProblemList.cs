namespace Breakwater.Protocols.Captures;

/// <summary>What is wrong with one file, in words; bounded, for a damaged file can be wrong a million times.</summary>
internal sealed class ProblemList
{
    private const int Most = 20;
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> All => _problems;

    /// <summary>Check before composing a message.</summary>
    public bool HasRoom => _problems.Count < Most;

    public void Add(string problem)
    {
        if (HasRoom) _problems.Add(problem);
    }
}
