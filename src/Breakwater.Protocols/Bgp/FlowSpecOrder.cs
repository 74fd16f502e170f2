using Breakwater.Core.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>The order in which routers apply flow specifications, whatever order they were announced in: the smaller matches first.</summary>
/// <remarks>RFC 8955 §5.1 and appendix A; RFC 8956 §4 for prefixes with offsets.</remarks>
public sealed class FlowSpecOrder : IComparer<FlowSpecRule>
{
    public static FlowSpecOrder Instance { get; } = new();

    public int Compare(FlowSpecRule? x, FlowSpecRule? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        // Each family has a table of its own; prefixes of one say nothing about those of another.
        if (x.Family != y.Family) return (x.Family.Afi, x.Family.Safi).CompareTo((y.Family.Afi, y.Family.Safi));
        for (var i = 0; ; i++)
        {
            if (i == x.Components.Count || i == y.Components.Count)
                // The one that still has a component is the more specific.
                return y.Components.Count.CompareTo(x.Components.Count);
            var (a, b) = (x.Components[i], y.Components[i]);
            if (a.Type != b.Type) return a.Type.CompareTo(b.Type);
            var order = (a, b) switch
            {
                (FlowSpecPrefix p, FlowSpecPrefix q) => ComparePrefixes(p, q),
                (FlowSpecValues v, FlowSpecValues w) => CompareValues(v, w),
                _ => 0,
            };
            if (order != 0) return order;
        }
    }

    private static int ComparePrefixes(FlowSpecPrefix a, FlowSpecPrefix b)
    {
        // RFC 8956 §4: a lower offset comes first.
        if (a.Offset != b.Offset) return a.Offset.CompareTo(b.Offset);
        var common = Math.Min(a.Prefix.Length, b.Prefix.Length);
        var order = Prefix.Of(a.Prefix.Address, common).Address.CompareTo(Prefix.Of(b.Prefix.Address, common).Address);
        return order != 0 ? order : b.Prefix.Length.CompareTo(a.Prefix.Length);
    }

    /// <summary>Like memcmp over the encoded lists: equal operator octets mean values of equal length, and the last one's differs from all others.</summary>
    private static int CompareValues(FlowSpecValues a, FlowSpecValues b)
    {
        for (var i = 0; i < a.Terms.Count && i < b.Terms.Count; i++)
        {
            var (x, y) = (a.Terms[i], b.Terms[i]);
            var order = Octet(x, i == a.Terms.Count - 1).CompareTo(Octet(y, i == b.Terms.Count - 1));
            if (order == 0) order = x.Value.CompareTo(y.Value);
            if (order != 0) return order;
        }
        return 0;
    }

    private static int Octet(FlowSpecTerm term, bool last) => term.Operator | (last ? 0x80 : 0);
}
