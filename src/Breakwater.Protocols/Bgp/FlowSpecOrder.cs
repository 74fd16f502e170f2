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

    /// <summary>Like memcmp over the encoded lists; when one begins with the other, the longer comes first.</summary>
    private static int CompareValues(FlowSpecValues a, FlowSpecValues b)
    {
        using var left = Octets(a).GetEnumerator();
        using var right = Octets(b).GetEnumerator();
        while (true)
        {
            var (more, other) = (left.MoveNext(), right.MoveNext());
            if (!more || !other) return other.CompareTo(more);
            if (left.Current != right.Current) return left.Current.CompareTo(right.Current);
        }
    }

    private static IEnumerable<byte> Octets(FlowSpecValues values)
    {
        for (var i = 0; i < values.Terms.Count; i++)
        {
            var term = values.Terms[i];
            yield return (byte)(term.Operator | (i == values.Terms.Count - 1 ? 0x80 : 0));
            for (var octet = term.Length - 1; octet >= 0; octet--) yield return (byte)(term.Value >> (8 * octet));
        }
    }
}
