namespace Breakwater.SystemTests.Mitigations.Rails;

/// <summary>One guard rail, and what is tried against it through each of the five doors.</summary>
/// <param name="Rail">Its name.</param>
/// <param name="Given">What it needs before it has anything to refuse; null for nothing.</param>
internal sealed record RailAttempts(string Rail, Func<FiveDoors, Task>? Given = null)
{
    /// <summary>A configuration that would switch the rail off or draw it wider than it can be: a mistake, and nothing of the file is taken up.</summary>
    public required Edit Mistake { get; init; }

    /// <summary>A configuration that draws it wider within its range, which a restart would take up and a reload must not; null for rails that nothing configures.</summary>
    public required Edit? Wider { get; init; }

    public required Attempt[] Api { get; init; }
    public required Attempt[] Cli { get; init; }
    public required Attempt[] Dots { get; init; }
    public required Attempt[] Feed { get; init; }
}
