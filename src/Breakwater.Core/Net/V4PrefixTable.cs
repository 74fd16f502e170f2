namespace Breakwater.Core.Net;

/// <summary>Longest match among many IPv4 prefixes: 65,536 cells by the first 16 bits, then blocks of 256 for the third and the fourth byte.</summary>
/// <remarks>256 KiB, and at most two blocks of 1 KiB for a prefix longer than 16 bits.</remarks>
internal sealed class V4PrefixTable
{
    private const int BlockBits = 8;

    // A cell holds 0 for "no prefix", n+1 for prefix number n, or the complement of a block's first cell in the next array.
    private readonly int[] _root = new int[65536];
    private readonly int[] _blocks;

    /// <param name="prefixes">All IPv4.</param>
    public V4PrefixTable(NumberedPrefix[] prefixes)
    {
        var blocks = new List<int>();
        // Shorter prefixes first, so that a longer one overwrites what it refines, and a new block inherits what covered it.
        foreach (var (prefix, number) in prefixes.OrderBy(p => p.Prefix.Length))
        {
            var bits = prefix.Address.V4Bits;
            if (prefix.Length <= 16)
            {
                _root.AsSpan((int)(bits >> 16), 1 << (16 - prefix.Length)).Fill(number + 1);
                continue;
            }
            var block = Descend(ref _root[bits >> 16], blocks);
            var third = block + (int)((bits >> BlockBits) & 0xFF);
            if (prefix.Length <= 24)
            {
                Fill(blocks, third, 1 << (24 - prefix.Length), number + 1);
                continue;
            }
            var cell = blocks[third];
            block = Descend(ref cell, blocks);
            blocks[third] = cell;
            Fill(blocks, block + (int)(bits & 0xFF), 1 << (32 - prefix.Length), number + 1);
        }
        _blocks = [.. blocks];
    }

    public int Find(uint address)
    {
        var cell = _root[address >> 16];
        if (cell >= 0) return cell - 1;
        cell = _blocks[~cell + (int)((address >> BlockBits) & 0xFF)];
        if (cell >= 0) return cell - 1;
        return _blocks[~cell + (int)(address & 0xFF)] - 1;
    }

    /// <summary>First cell of the block that refines <paramref name="cell"/>; makes the block when there is none.</summary>
    private static int Descend(ref int cell, List<int> blocks)
    {
        if (cell < 0) return ~cell;
        var start = blocks.Count;
        for (var i = 0; i < 1 << BlockBits; i++) blocks.Add(cell);
        cell = ~start;
        return start;
    }

    private static void Fill(List<int> blocks, int start, int count, int value)
    {
        for (var i = start; i < start + count; i++) blocks[i] = value;
    }
}
