using System.Buffers;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Coap;

/// <summary>Puts payloads together that a peer sends in blocks. Bounded: so many at once, so long each, so long waited for.</summary>
/// <remarks>RFC 7959 §2.5: blocks come in order, those of one resource and method belong together.</remarks>
/// <param name="maxSize">Octets of one whole payload.</param>
/// <param name="maxParallel">Payloads under way at once; the one longest without news is given up for another.</param>
public sealed class BlockAssembly(int maxSize, int maxParallel)
{
    private static readonly TimeSpan Patience = new CoapTransmission().ExchangeLifetime;

    private readonly Dictionary<string, Partial> _partials = [];

    /// <summary>Takes the next block.</summary>
    /// <param name="key">What the payload belongs to: method and path.</param>
    /// <param name="whole">The whole payload, once complete.</param>
    /// <returns>Null when complete; else the code to answer with: 2.31 go on, 4.08 a block is missing, 4.13 too long, 4.00 a block of the wrong length.</returns>
    public CoapCode? Add(Timestamp now, string key, CoapBlock block, ReadOnlySpan<byte> payload, out ReadOnlyMemory<byte> whole)
    {
        whole = default;
        foreach (var (old, waiting) in _partials)
            if (waiting.LastAt + Patience <= now) _partials.Remove(old);
        var bert = block.Exponent == CoapBlock.Bert;
        // Every block but the last fills its size; under BERT a message holds several whole ones.
        if (block.More && (payload.Length == 0 || (bert ? payload.Length % block.Size != 0 : payload.Length != block.Size))) return CoapCode.BadRequest;
        if (!bert && payload.Length > block.Size) return CoapCode.BadRequest;
        if (block.Offset + payload.Length > maxSize)
        {
            _partials.Remove(key);
            return CoapCode.RequestEntityTooLarge;
        }
        if (block.Number == 0) Begin(key);
        if (!_partials.TryGetValue(key, out var partial) || partial.Octets.WrittenCount != block.Offset) return CoapCode.RequestEntityIncomplete;
        partial.Octets.Write(payload);
        partial.LastAt = now;
        if (block.More) return CoapCode.Continue;
        whole = partial.Octets.WrittenMemory;
        _partials.Remove(key);
        return null;
    }

    private void Begin(string key)
    {
        if (!_partials.ContainsKey(key) && _partials.Count >= maxParallel) _partials.Remove(_partials.MinBy(p => p.Value.LastAt).Key);
        _partials[key] = new Partial();
    }

    private sealed class Partial
    {
        public ArrayBufferWriter<byte> Octets { get; } = new(64);
        public Timestamp LastAt { get; set; } = Timestamp.Min;
    }
}
