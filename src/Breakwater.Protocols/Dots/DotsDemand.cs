using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;

namespace Breakwater.Protocols.Dots;

/// <summary>What a request amounts to for those who mitigate: while it is in the list of demands, it is wanted.</summary>
/// <param name="Id">Stable as long as the request lives: client, cdid, cuid and mid.</param>
/// <param name="Client">Who asks.</param>
/// <param name="Matches">The traffic that it is about: one match for each target, in Call Home for each pair of source and target.</param>
/// <param name="Created">When it was first granted.</param>
/// <param name="Expires">When it ends unless refreshed; <see cref="Timestamp.Max"/> for no end.</param>
/// <param name="AttackStatus">What the client last said of the attack.</param>
public sealed record DotsDemand(
    string Id,
    DotsClientProfile Client,
    IReadOnlyList<TrafficMatch> Matches,
    Timestamp Created,
    Timestamp Expires,
    DotsAttackStatus? AttackStatus);
