using System.Globalization;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Blackholes and diversions together concern at most a share of the owned addresses of a family, but one host always may be.</summary>
/// <remarks>IPv6 is counted in /64, the smallest that a network hands out: counted in addresses every share would be nothing.</remarks>
public sealed class AddressShareCapRail : IGuardRail
{
    private readonly double _most;
    private readonly double _owned4, _owned6;

    public AddressShareCapRail(double most, IReadOnlyList<Prefix> owned)
    {
        _most = most;
        // A prefix inside another one is no further address space.
        var outermost = owned.Where(p => p.Length > 0 && !owned.Any(o => o != p && o.Length > 0 && o.Contains(p))).Distinct().ToArray();
        _owned4 = outermost.Where(p => p.IsV4).Sum(Size);
        _owned6 = outermost.Where(p => !p.IsV4).Sum(Size);
    }

    public string Name => "cap-address-share";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (!mitigation.TakesAll() || mitigation.Match.Destination is not { } destination) return null;
        var taken = context.InForce.Where(m => m.TakesAll()).Select(m => m.Match.Destination).OfType<Prefix>().Where(p => p.IsV4 == destination.IsV4)
            .Append(destination).Distinct().Sum(Size);
        var owned = destination.IsV4 ? _owned4 : _owned6;
        return taken <= Math.Max(1, _most * owned)
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"blackholes and diversions would concern {taken:0} of {owned:0} owned {(destination.IsV4 ? "addresses" : "/64 networks")}, and at most {100 * _most:0.#} % may be");
    }

    private static double Size(Prefix prefix) => Math.Pow(2, Math.Max(0, (prefix.IsV4 ? 32 : 64) - prefix.Length));
}
