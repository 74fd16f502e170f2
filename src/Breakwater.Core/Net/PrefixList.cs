namespace Breakwater.Core.Net;

/// <summary>Longest match among a handful of prefixes of one family: compares them one by one, longest first.</summary>
internal sealed class PrefixList
{
    private readonly Entry[] _entries;

    /// <param name="prefixes">All of one family.</param>
    public PrefixList(NumberedPrefix[] prefixes) =>
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
        public readonly IpAddr Mask =
            Prefix.Mask(new IpAddr(ulong.MaxValue, ulong.MaxValue), numbered.Prefix.Length + 128 - numbered.Prefix.Address.Bits);
        public readonly int Number = numbered.Number;
    }
}
