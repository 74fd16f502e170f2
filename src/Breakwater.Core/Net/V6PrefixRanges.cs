namespace Breakwater.Core.Net;

/// <summary>Longest match among many IPv6 prefixes: the address space cut into sorted ranges that each have one answer.</summary>
internal sealed class V6PrefixRanges
{
    // Range i reaches from _starts[i] to just before _starts[i + 1]; its answer is _numbers[i], -1 for none.
    private readonly IpAddr[] _starts;
    private readonly int[] _numbers;

    // _index[p] is the range that holds the first address whose top 16 bits are p: the search need not leave p's ranges.
    private readonly int[] _index = new int[65537];

    /// <param name="sorted">All IPv6, in ascending order (a prefix before those inside it).</param>
    public V6PrefixRanges(NumberedPrefix[] sorted)
    {
        var starts = new List<IpAddr> { default };
        var numbers = new List<int> { -1 };
        var open = new Stack<NumberedPrefix>();
        foreach (var numbered in sorted)
        {
            CloseBefore(numbered.Prefix.Address, open, starts, numbers);
            Begin(numbered.Prefix.Address, numbered.Number, starts, numbers);
            open.Push(numbered);
        }
        CloseBefore(null, open, starts, numbers);
        _starts = [.. starts];
        _numbers = [.. numbers];

        var range = 0;
        for (var top = 0; top < 65536; top++)
        {
            var first = new IpAddr((ulong)top << 48, 0);
            while (range + 1 < _starts.Length && _starts[range + 1].CompareTo(first) <= 0) range++;
            _index[top] = range;
        }
        _index[65536] = _starts.Length - 1;
    }

    public int Find(IpAddr address)
    {
        var top = (int)(address.High >> 48);
        var low = _index[top];
        var high = _index[top + 1];
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_starts[middle].CompareTo(address) <= 0) low = middle;
            else high = middle - 1;
        }
        return _numbers[low];
    }

    /// <summary>Ends the open prefixes that do not reach to <paramref name="next"/> (all of them for null): what encloses each resumes behind it.</summary>
    private static void CloseBefore(IpAddr? next, Stack<NumberedPrefix> open, List<IpAddr> starts, List<int> numbers)
    {
        while (open.TryPeek(out var inner) && !(next is { } address && inner.Prefix.Contains(address)))
        {
            open.Pop();
            if (After(inner.Prefix) is { } behind) Begin(behind, open.TryPeek(out var outer) ? outer.Number : -1, starts, numbers);
        }
    }

    private static void Begin(IpAddr start, int number, List<IpAddr> starts, List<int> numbers)
    {
        if (starts[^1] == start) numbers[^1] = number;
        else
        {
            starts.Add(start);
            numbers.Add(number);
        }
    }

    /// <summary>First address behind the prefix; null at the end of the address space.</summary>
    private static IpAddr? After(Prefix prefix)
    {
        var (high, low) = prefix.Address;
        if (prefix.Length == 0) return null;
        if (prefix.Length <= 64)
        {
            high += 1UL << (64 - prefix.Length);
            return high == 0 ? null : new IpAddr(high, 0);
        }
        low += 1UL << (128 - prefix.Length);
        if (low == 0) high++;
        return high == 0 && low == 0 ? null : new IpAddr(high, low);
    }
}
