using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>What is to be done about some traffic, for how long, why, and how far that has come. Immutable: each change is a new record with the same <see cref="Id"/>.</summary>
/// <remarks>
/// Nothing acts on it as it is: only a <see cref="Rails.ClearedMitigation"/> reaches a mitigator, and only the guard rails make one.
/// "Mitigation", its scope and lifetime: RFC 9132 §3; the match and actions: RFC 8955.
/// </remarks>
public sealed record Mitigation
{
    /// <summary>Stable over restarts: the same incident, match and action give the same one.</summary>
    public required string Id { get; init; }

    public required MitigationOrigin Origin { get; init; }

    /// <summary>Who wanted it: "breakwater" for an incident, else the name of the operator's token, DOTS client or feed.</summary>
    public required string Requester { get; init; }

    /// <summary>The incident that it belongs to; null for a rule that somebody typed.</summary>
    public string? IncidentId { get; init; }

    /// <summary>What the requester may ask for; null where that is not limited. A DOTS client's prefixes.</summary>
    public IReadOnlyList<Prefix>? RequesterPrefixes { get; init; }

    /// <summary>Host group of the destination; it decides the mode.</summary>
    public string HostGroup { get; init; } = "";

    /// <summary>Its destination is set on everything that reaches a mitigator.</summary>
    /// <remarks>A blackhole with a source is source-based (RFC 5635 §4): what is announced is the source, and the destination says on whose behalf.</remarks>
    public required TrafficMatch Match { get; init; }

    public required MitigationAction Action { get; init; }

    /// <summary>What a rate limit lets through, in bits per second (octets ·8) or in packets per second; exactly one is set for that action, none for others.</summary>
    public double? RateBitsPerSecond { get; init; }
    public double? RatePacketsPerSecond { get; init; }

    /// <summary>Where diverted traffic goes; set for that action only.</summary>
    public DivertTarget? DivertTo { get; init; }

    public required Timestamp Created { get; init; }

    /// <summary>When it ends by itself unless renewed with fresh evidence. Never later than the rails allow.</summary>
    public required Timestamp Expires { get; init; }

    /// <summary>Why, in plain words with numbers.</summary>
    public required string Reason { get; init; }

    public MitigationState State { get; init; }

    /// <summary>When <see cref="State"/> became what it is.</summary>
    public required Timestamp Since { get; init; }

    /// <summary>When it first went to a mitigator; null as long as it has not.</summary>
    public Timestamp? Activated { get; init; }

    /// <summary>What became of it in plain words: which rail refused it and why, why it failed, who withdrew it.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>Name of the rail that refused it, or that holds a proposal back; else null.</summary>
    public string? RefusedBy { get; init; }

    /// <summary>Names of the different people who approved it.</summary>
    public IReadOnlyList<string> Approvers { get; init; } = [];

    /// <summary>What to do with it when the detector dies or stops.</summary>
    public DeadMan OnDeath { get; init; }

    /// <summary>Share of the attack's packets that it was expected to stop, 0 to 1; null where nobody measured.</summary>
    public double? AttackShare { get; init; }

    /// <summary>Share of the target's ordinary packets that it was expected to stop, 0 to 1; null when no ordinary traffic was seen.</summary>
    public double? CollateralShare { get; init; }

    /// <summary>What was measured after it was applied; null before that, and where there is nothing to measure.</summary>
    public MitigationEffect? Effect { get; init; }

    /// <summary>The milder mitigation of the same incident that was tried and did not help; null on the first rung of the ladder.</summary>
    public string? EscalatedFrom { get; init; }

    /// <summary>How often the same match and action has been in force lately, this time included: 1 for the first.</summary>
    public int Recurrence { get; init; } = 1;

    /// <summary>True while a mitigator should hold it.</summary>
    public bool IsWanted => State is MitigationState.Approved or MitigationState.Active;

    /// <summary>True while it is held somewhere and nothing measured says that it does not help.</summary>
    public bool Protects => State == MitigationState.Active && Effect is not { Helped: false };

    /// <summary>True for a blackhole or a diversion: nothing is left at its destination, whatever the rule matches.</summary>
    public bool TakesAll() => Action is MitigationAction.Blackhole or MitigationAction.Divert;

    /// <summary>True when it is about what our hosts send.</summary>
    public bool IsOutbound => Origin == MitigationOrigin.CallHome;

    /// <summary>The side of its match that must be ours: the destination, or the source of what goes out.</summary>
    public Prefix? OurSide => IsOutbound ? Match.Source : Match.Destination;

    /// <summary>True when nothing more will happen to it.</summary>
    public bool IsOver => State is MitigationState.Withdrawn or MitigationState.Expired or MitigationState.Failed or MitigationState.Refused;
}

/// <summary><c>proposed → approved → active → withdrawn | expired | failed | refused</c>.</summary>
public enum MitigationState : byte
{
    /// <summary>Shown, with its price; nothing is done.</summary>
    Proposed,

    /// <summary>Passed the rails; on its way to the mitigators.</summary>
    Approved,

    /// <summary>At least one mitigator holds it; where the peer shows what it holds, the peer has shown it.</summary>
    Active,

    /// <summary>Taken back: by a person, by the policy, or because the attack is over.</summary>
    Withdrawn,

    /// <summary>Its time was up and no fresh evidence asked for more.</summary>
    Expired,

    /// <summary>No mitigator could do it.</summary>
    Failed,

    /// <summary>A guard rail, or a person, said no.</summary>
    Refused,
}

/// <summary>Where a mitigation comes from.</summary>
public enum MitigationOrigin : byte
{
    /// <summary>An incident of our own.</summary>
    Incident,

    /// <summary>A person, through API, command line or page.</summary>
    Operator,

    /// <summary>A request over DOTS (RFC 9132), limited to the client's prefixes.</summary>
    DotsClient,

    /// <summary>A list of others. Raises scores; alone it never blocks.</summary>
    Feed,

    /// <summary>A provider that asks us to stop what hosts of ours send (RFC 9066): the source is ours, the destination is not.</summary>
    CallHome,
}

/// <summary>How far the policy goes by itself, per host group and action.</summary>
public enum MitigationMode : byte
{
    /// <summary>Nothing is sent anywhere, whoever asks.</summary>
    Observe,

    /// <summary>Proposals are shown; only what a person types is done.</summary>
    Suggest,

    /// <summary>Proposals wait for a person's approval.</summary>
    Approve,

    /// <summary>Proposals that pass the rails are done at once.</summary>
    Automatic,
}

/// <summary>What becomes of a mitigation when the detector dies or stops.</summary>
public enum DeadMan : byte
{
    /// <summary>It goes with us: nothing stays that nobody watches.</summary>
    Withdraw,

    /// <summary>It stays until its time is up, as far as the mitigator can see to that without us.</summary>
    Keep,
}
