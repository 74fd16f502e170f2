using System.Diagnostics.CodeAnalysis;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>The last step before any mitigator, and the only maker of a <see cref="ClearedMitigation"/>.</summary>
public sealed class GuardRails
{
    private readonly IReadOnlyList<IGuardRail> _rails;
    private readonly ControlPlaneRail _controlPlane;

    /// <param name="options">Section <c>mitigation.rails</c>.</param>
    /// <param name="home">Prefixes that are owned where the section names none.</param>
    /// <param name="ownAddresses">Never touched beside those in the section: this machine, the peers of our sessions.</param>
    /// <param name="divertTargets">Where traffic may be diverted to.</param>
    public GuardRails(RailOptions options, IReadOnlyList<Prefix> home, IEnumerable<Prefix> ownAddresses, IReadOnlyList<DivertTarget> divertTargets)
    {
        var owned = options.Owned.Count > 0 ? options.Owned : home;
        _controlPlane = new ControlPlaneRail(options.ControlPorts);
        _rails =
        [
            new RuleSanityRail(),
            new OwnedPrefixesRail(owned),
            new RequesterScopeRail(),
            new MaxWidthRail(),
            new SourceBlackholeRail(options.SourceBlackholes),
            _controlPlane,
            new DivertTargetRail(divertTargets),
            new TtlRail(options.MaxTtl),
            new NeverTouchRail([.. options.NeverTouch, .. ownAddresses]),
            new ModeRail(),
            new PausedRail(),
            new FeedAloneRail(),
            new DataQualityRail(options),
            new BlackholeLastRail(options.BlackholeFirst),
            new HoldDownRail(),
            new TwoPersonRail(options.TwoPersonCollateral),
            new ConcurrentCapRail(options.MaxConcurrent),
            new NewPerMinuteCapRail(options.MaxNewPerMinute),
            new HostGroupCapRail(options.MaxPerHostGroup),
            new AddressShareCapRail(options.MaxAddressShare, owned),
            new TrafficShareCapRail(options.MaxTrafficShare),
        ];
    }

    /// <summary>Names of the rails, in the order in which they are asked.</summary>
    public IReadOnlyList<string> Names => [.. _rails.Select(r => r.Name)];

    /// <summary>Every rail's no; empty when the mitigation may be.</summary>
    public IReadOnlyList<Refusal> Refusals(Mitigation mitigation, RailContext context) =>
        [.. _rails.Select(r => (r.Name, Reason: r.Refuse(mitigation, context))).Where(r => r.Reason is not null).Select(r => new Refusal(r.Name, r.Reason!))];

    /// <summary>Asks every rail until one refuses.</summary>
    /// <param name="cleared">What a mitigator accepts; null when a rail refused.</param>
    /// <param name="refusal">The first refusal.</param>
    public bool TryClear(Mitigation mitigation, RailContext context, [NotNullWhen(true)] out ClearedMitigation? cleared, out Refusal refusal)
    {
        cleared = null;
        refusal = default;
        foreach (var rail in _rails)
        {
            if (rail.Refuse(mitigation, context) is not { } reason) continue;
            refusal = new Refusal(rail.Name, reason);
            return false;
        }
        cleared = new ClearedMitigation(mitigation);
        return true;
    }

    /// <summary>A rule that spares the ports of the control plane, where it can: what a synthesized rule goes through before it is judged.</summary>
    public TrafficMatch Narrowed(TrafficMatch match) => _controlPlane.Narrowed(match);

    /// <summary>True for rails whose no is a "not yet": a person's approval, better data or time may lift it, so the proposal stays.</summary>
    public static bool MayLift(string rail) => rail is "mode" or "paused" or "feed-alone" or "data-quality" or "blackhole-last" or "hold-down" or "two-person" || rail.StartsWith("cap-", StringComparison.Ordinal);
}
