using System.Diagnostics.CodeAnalysis;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>The last step before any mitigator, and the only maker of a <see cref="ClearedMitigation"/>.</summary>
public sealed class GuardRails
{
    private readonly IReadOnlyList<IGuardRail> _rails;
    /// <summary>Rules that one may become to go around what is never touched: a /24 around one address takes eight.</summary>
    private const int MostPieces = 16;

    private readonly ControlPlaneRail _controlPlane;
    private readonly NeverTouchRail _neverTouch;

    /// <param name="options">Section <c>mitigation.rails</c>.</param>
    /// <param name="home">Prefixes that are owned where the section names none.</param>
    /// <param name="ownAddresses">Never touched beside those in the section: this machine, the peers of our sessions.</param>
    /// <param name="divertTargets">Where traffic may be diverted to.</param>
    public GuardRails(RailOptions options, IReadOnlyList<Prefix> home, IEnumerable<Prefix> ownAddresses, IReadOnlyList<DivertTarget> divertTargets)
    {
        var owned = options.Owned.Count > 0 ? options.Owned : home;
        _controlPlane = new ControlPlaneRail(options.ControlPorts);
        _neverTouch = new NeverTouchRail([.. options.NeverTouch, .. ownAddresses]);
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
            _neverTouch,
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

    /// <summary>A synthesized rule as it is judged: around the ports of the control plane and around what is never touched, where that can be said.</summary>
    /// <returns>One rule as a rule; several where its destination had to be cut; the rule with its whole destination where nothing is left, for the rails to refuse.</returns>
    public IReadOnlyList<TrafficMatch> Narrowed(TrafficMatch match)
    {
        match = _controlPlane.Narrowed(match);
        if (match.Destination is not { } destination || _neverTouch.Around(destination, MostPieces) is not { Count: > 0 } pieces) return [match];
        return pieces is [var whole] && whole == destination ? [match] : [.. pieces.Select(p => match with { Destination = p })];
    }

    /// <summary>True for rails whose no is a "not yet": a person's approval, better data or time may lift it, so the proposal stays.</summary>
    public static bool MayLift(string rail) => rail is "mode" or "paused" or "feed-alone" or "data-quality" or "blackhole-last" or "hold-down" or "two-person" || rail.StartsWith("cap-", StringComparison.Ordinal);
}
