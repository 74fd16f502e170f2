using System.Numerics;

namespace Breakwater.Core.Behaviour;

/// <summary>Says of most pairs that they are not in a set, by one bit: the set itself need not be asked for them.</summary>
internal sealed class PairFilter
{
    private readonly ulong[] _bits;
    private readonly int _shift;

    /// <param name="capacity">Pairs in the set at most: then one in eight others is taken for one of them.</param>
    public PairFilter(int capacity)
    {
        var words = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, capacity) / 8);
        _bits = new ulong[words];
        _shift = 64 - BitOperations.Log2((uint)words) - 6;
    }

    public void Add(ulong fingerprint) => _bits[Place(fingerprint) >> 6] |= 1ul << (int)(Place(fingerprint) & 63);

    public bool MayHold(ulong fingerprint) => (_bits[Place(fingerprint) >> 6] >> (int)(Place(fingerprint) & 63) & 1) != 0;

    public void Clear() => Array.Clear(_bits);

    private ulong Place(ulong fingerprint) => fingerprint * 0x9E37_79B9_7F4A_7C15 >> _shift;
}
