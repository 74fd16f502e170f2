using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>What a router is to do with packets that match, as the communities of a route say it.</summary>
/// <remarks>RFC 8955 §7, RFC 8956 §6; redirection to an address: draft-ietf-idr-flowspec-redirect-ip (IANA: 0x010c, IPv6 0x000c).</remarks>
public sealed record FlowSpecActions
{
    internal const ushort TrafficRateBytes = 0x8006;
    internal const ushort TrafficRatePackets = 0x800C;
    internal const ushort TrafficAction = 0x8007;
    internal const ushort RtRedirectAs2 = 0x8008;
    internal const ushort RtRedirectIpv4 = 0x8108;
    internal const ushort RtRedirectAs4 = 0x8208;
    internal const ushort TrafficMarking = 0x8009;
    internal const ushort RedirectToIpv4 = 0x010C;
    internal const ushort RedirectToIpv6 = 0x000C;
    internal const ushort RedirectToNextHop = 0x0800;

    /// <summary>Octets per second that pass; 0 drops everything.</summary>
    public float? BytesPerSecond { get; init; }

    /// <summary>Packets per second that pass; 0 drops everything.</summary>
    public float? PacketsPerSecond { get; init; }

    /// <summary>True: later rules are looked at as well (the T bit, whose name says the opposite).</summary>
    public bool Continue { get; init; }

    /// <summary>Sample what matches.</summary>
    public bool Sample { get; init; }

    /// <summary>Send it into the VRF that imports this route target.</summary>
    public RouteTarget? RedirectTo { get; init; }

    /// <summary>Send it to this address.</summary>
    public IpAddr? RedirectToAddress { get; init; }

    /// <summary>Send it to the next hop of the route (draft-simpson-idr-flowspec-redirect), which older routers understand.</summary>
    public bool RedirectToRouteNextHop { get; init; }

    /// <summary>Send a copy only, and the packet on its way (the C bit of redirection to an address).</summary>
    public bool Copy { get; init; }

    /// <summary>New DSCP, 0 to 63.</summary>
    public byte? Mark { get; init; }

    /// <summary>Drop what matches.</summary>
    public static FlowSpecActions Drop => new() { BytesPerSecond = 0 };

    /// <summary>The extended communities, in ascending order, which is what routers print and compare.</summary>
    /// <param name="ownAs">Of its last 16 bits, for information (RFC 8955 §7.1).</param>
    public IReadOnlyList<BgpExtendedCommunity> Communities(uint ownAs)
    {
        var found = new List<BgpExtendedCommunity>();
        void Add(ushort type, ulong value) => found.Add(new BgpExtendedCommunity((ulong)type << 48 | (value & 0xFFFF_FFFF_FFFF)));

        if (BytesPerSecond is { } bytes) Add(TrafficRateBytes, Rate(ownAs, bytes));
        if (PacketsPerSecond is { } packets) Add(TrafficRatePackets, Rate(ownAs, packets));
        if (Continue || Sample) Add(TrafficAction, (Sample ? 2UL : 0) | (Continue ? 1UL : 0));
        if (RedirectTo is { } target)
        {
            if (target.IsAddress) Add(RtRedirectIpv4, (ulong)target.Administrator << 16 | target.Value);
            else if (target.Administrator <= ushort.MaxValue) Add(RtRedirectAs2, (ulong)target.Administrator << 32 | target.Value);
            else Add(RtRedirectAs4, (ulong)target.Administrator << 16 | target.Value);
        }
        if (Mark is { } dscp) Add(TrafficMarking, (ulong)(dscp & 0x3F));
        if (RedirectToAddress is { IsV4: true } address) Add(RedirectToIpv4, (ulong)address.V4Bits << 16 | (Copy ? 1UL : 0));
        if (RedirectToRouteNextHop) Add(RedirectToNextHop, Copy ? 1UL : 0);
        found.Sort((a, b) => a.Value.CompareTo(b.Value));
        return found;
    }

    /// <summary>The communities that need an IPv6 address.</summary>
    public IReadOnlyList<BgpIpv6ExtendedCommunity> Ipv6Communities =>
        RedirectToAddress is { IsV4: false } address ? [new BgpIpv6ExtendedCommunity(RedirectToIpv6, address, (ushort)(Copy ? 1 : 0))] : [];

    /// <summary>Reads the actions off a route's communities; those that are no actions are passed over. Of two of one kind, the first counts.</summary>
    public static FlowSpecActions Of(IReadOnlyList<BgpExtendedCommunity> communities, IReadOnlyList<BgpIpv6ExtendedCommunity> ipv6Communities)
    {
        var actions = new FlowSpecActions();
        foreach (var community in communities)
        {
            var value = community.Value & 0xFFFF_FFFF_FFFF;
            actions = community.Type switch
            {
                TrafficRateBytes => actions with { BytesPerSecond = actions.BytesPerSecond ?? Rate(value) },
                TrafficRatePackets => actions with { PacketsPerSecond = actions.PacketsPerSecond ?? Rate(value) },
                TrafficAction => actions with { Continue = (value & 1) != 0, Sample = (value & 2) != 0 },
                RtRedirectAs2 => actions with { RedirectTo = actions.RedirectTo ?? new RouteTarget((uint)(value >> 32), (uint)value, false) },
                RtRedirectIpv4 => actions with { RedirectTo = actions.RedirectTo ?? new RouteTarget((uint)(value >> 16), (uint)(value & 0xFFFF), true) },
                RtRedirectAs4 => actions with { RedirectTo = actions.RedirectTo ?? new RouteTarget((uint)(value >> 16), (uint)(value & 0xFFFF), false) },
                TrafficMarking => actions with { Mark = actions.Mark ?? (byte)(value & 0x3F) },
                RedirectToIpv4 => actions with { RedirectToAddress = actions.RedirectToAddress ?? IpAddr.V4((uint)(value >> 16)), Copy = (value & 1) != 0 },
                RedirectToNextHop => actions with { RedirectToRouteNextHop = true, Copy = (value & 1) != 0 },
                _ => actions,
            };
        }
        foreach (var community in ipv6Communities)
            if (community.Type == RedirectToIpv6)
                actions = actions with { RedirectToAddress = actions.RedirectToAddress ?? community.Address, Copy = (community.Local & 1) != 0 };
        return actions;
    }

    private static ulong Rate(uint ownAs, float rate) => (ulong)(ownAs & 0xFFFF) << 32 | BitConverter.SingleToUInt32Bits(rate);

    /// <summary>RFC 8955 §7.1: less than nothing is nothing.</summary>
    private static float Rate(ulong value) => BitConverter.UInt32BitsToSingle((uint)value) is var rate && rate > 0 ? rate : 0;
}
