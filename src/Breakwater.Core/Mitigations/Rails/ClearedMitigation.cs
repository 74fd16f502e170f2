namespace Breakwater.Core.Mitigations.Rails;

/// <summary>A mitigation that passed every guard rail, and the only thing that a mitigator accepts.</summary>
/// <remarks>It cannot be made outside this assembly: no configuration, API call or feed reaches a mitigator around <see cref="GuardRails"/>.</remarks>
public sealed class ClearedMitigation
{
    internal ClearedMitigation(Mitigation mitigation) => Mitigation = mitigation;

    public Mitigation Mitigation { get; }
    public string Id => Mitigation.Id;
}

/// <summary>A guard rail's no.</summary>
/// <param name="Rail">Name of the rail: <c>owned-prefixes</c>, <c>never-touch</c> …</param>
/// <param name="Reason">Plain words with the numbers.</param>
public readonly record struct Refusal(string Rail, string Reason)
{
    public override string ToString() => $"{Rail}: {Reason}";
}
