using Breakwater.Core.Flows;

namespace Breakwater.Core.Hygiene;

/// <summary>How far a network keeps from harming others and stays able to help itself. Evidence only: what is not known is shown, and never counts as passed.</summary>
/// <param name="From">Begin of the time that was looked at.</param>
/// <param name="To">Its end.</param>
/// <param name="Checks">All of them, also those of which nothing is known.</param>
public sealed record ScoreCard(Timestamp From, Timestamp To, IReadOnlyList<ScoreCheck> Checks)
{
    public int Passed => Checks.Count(c => c.Verdict == ScoreVerdict.Pass);
    public int Failed => Checks.Count(c => c.Verdict == ScoreVerdict.Fail);
    public int Unknown => Checks.Count(c => c.Verdict == ScoreVerdict.Unknown);

    /// <summary>Share of the known checks that pass, 0 to 1; null when none is known. Says nothing without <see cref="Coverage"/> beside it.</summary>
    public double? Score => Passed + Failed == 0 ? null : (double)Passed / (Passed + Failed);

    /// <summary>Share of the checks of which something is known, 0 to 1.</summary>
    public double Coverage => Checks.Count == 0 ? 0 : (double)(Passed + Failed) / Checks.Count;
}

public enum ScoreVerdict : byte
{
    Unknown,
    Pass,
    Fail,
}

public static class ScoreVerdictNames
{
    /// <summary>The word for people and JSON.</summary>
    public static string Name(this ScoreVerdict verdict) => verdict switch
    {
        ScoreVerdict.Unknown => "unknown",
        ScoreVerdict.Pass => "pass",
        ScoreVerdict.Fail => "fail",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };
}

/// <summary>One line of the score card.</summary>
/// <param name="Id">Name of the check; a contract with everybody who reads our JSON.</param>
/// <param name="Title">What it asks, for people.</param>
/// <param name="Method">How it is answered.</param>
/// <param name="Clauses">Where it is asked for.</param>
public sealed record ScoreCheck(string Id, string Title, string Method, IReadOnlyList<string> Clauses)
{
    /// <summary>Things (hosts, interfaces, prefixes) that pass, fail, or of which nothing is known.</summary>
    public int Passed { get; init; }
    public int Failed { get; init; }
    public int Unknown { get; init; }

    /// <summary>What the verdict rests on, in words; of an unknown one what is missing.</summary>
    public required string Because { get; init; }

    public IReadOnlyList<ScoreEvidence> Evidence { get; init; } = [];

    /// <summary>One thing that fails fails the check; one that is not known leaves it open.</summary>
    public ScoreVerdict Verdict => Failed > 0 ? ScoreVerdict.Fail : Unknown > 0 || Passed == 0 ? ScoreVerdict.Unknown : ScoreVerdict.Pass;
}

/// <param name="Kind">"incident", "mitigation", "report" or "rpki".</param>
/// <param name="Id">Identifier, or the prefix.</param>
/// <param name="Path">Where the API tells it.</param>
public sealed record ScoreEvidence(string Kind, string Id, string Path);
