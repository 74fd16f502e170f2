namespace Breakwater.Protocols.Dots;

/// <summary>What the server has seen, for metrics.</summary>
public sealed class DotsCounters
{
    /// <summary>Requests answered, by response code as people write it ("2.01").</summary>
    public IReadOnlyDictionary<string, long> Answers => _answers;

    public long Granted { get; internal set; }
    public long Refreshed { get; internal set; }
    public long Withdrawn { get; internal set; }

    /// <summary>Refused for prefixes that are not the client's.</summary>
    public long OutOfScope { get; internal set; }

    /// <summary>Refused by the policy or a guard rail.</summary>
    public long RefusedByPolicy { get; internal set; }
    public long Conflicts { get; internal set; }
    public long RateLimited { get; internal set; }
    public long MalformedBodies { get; internal set; }
    public long Notifications { get; internal set; }
    public long SessionsLost { get; internal set; }

    private readonly SortedDictionary<string, long> _answers = new(StringComparer.Ordinal);

    internal void Answered(string code) => _answers[code] = _answers.GetValueOrDefault(code) + 1;
}
