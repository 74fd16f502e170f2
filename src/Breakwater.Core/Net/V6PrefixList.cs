namespace Breakwater.Core.Net;

/// <summary>Longest match among a handful of IPv6 prefixes: compares them one by one, longest first.</summary>
internal sealed class V6PrefixList
{
    private readonly Entry[] _entries;

    /// <param name="prefixes">All IPv6.</param>
    public V6PrefixList(NumberedPrefix[] prefixes) =>
        _entries = [.. prefixes.OrderByDescending(p => p.Prefix.Length).Select(p => new Entry(p))];

    public int Find(IpAddr address)
    {
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            var differs = ((address.High ^ entry.Value.High) & entry.Mask.High) | ((address.Low ^ entry.Value.Low) & entry.Mask.Low);
            if (differs == 0) return entry.Number;
        }
        return -1;
    }

    private readonly struct Entry(NumberedPrefix numbered)
    {
        public readonly IpAddr Value = numbered.Prefix.Address;
        public readonly IpAddr Mask = Prefix.Mask(new IpAddr(ulong.MaxValue, ulong.MaxValue), numbered.Prefix.Length);
        public readonly int Number = numbered.Number;
    }
}
