namespace Breakwater.Core.Mitigations.Rails;

/// <summary>A mitigation that passed every guard rail, and the only thing that a mitigator accepts.</summary>
/// <remarks>It cannot be made outside this assembly: no configuration, API call or feed reaches a mitigator around <see cref="GuardRails"/>.</remarks>
public sealed class ClearedMitigation
{
    internal ClearedMitigation(Mitigation mitigation) : this(mitigation, mitigation.Match.Key())
    {
    }

    private ClearedMitigation(Mitigation mitigation, string matchKey)
    {
        Mitigation = mitigation;
        MatchKey = matchKey;
    }

    public Mitigation Mitigation { get; }
    public string Id => Mitigation.Id;

    /// <summary>Equal for equal matches; made once, for the whole set is compared at each change.</summary>
    internal string MatchKey { get; }

    /// <summary>The same mitigation, further on in its life.</summary>
    /// <exception cref="InvalidOperationException">It is another rule, or would run longer than what the rails saw.</exception>
    internal ClearedMitigation At(Mitigation later) =>
        later.Id == Id && ReferenceEquals(later.Match, Mitigation.Match) && later.Action == Mitigation.Action && later.DivertTo == Mitigation.DivertTo
        && later.RateBitsPerSecond == Mitigation.RateBitsPerSecond && later.RatePacketsPerSecond == Mitigation.RatePacketsPerSecond && later.Expires <= Mitigation.Expires
            ? new ClearedMitigation(later, MatchKey)
            : throw new InvalidOperationException($"mitigation {Id} is not what the rails saw");
}

/// <summary>A guard rail's no.</summary>
/// <param name="Rail">Name of the rail: <c>owned-prefixes</c>, <c>never-touch</c> …</param>
/// <param name="Reason">Plain words with the numbers.</param>
public readonly record struct Refusal(string Rail, string Reason)
{
    /// <summary>In place of a rail: a person said no.</summary>
    public const string Operator = "operator";

    public override string ToString() => $"{Rail}: {Reason}";
}
