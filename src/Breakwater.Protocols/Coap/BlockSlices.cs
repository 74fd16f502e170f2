using System.Security.Cryptography;

namespace Breakwater.Protocols.Coap;

/// <summary>Cuts a payload that is too long for one message into the block that the peer asked for.</summary>
/// <remarks>RFC 7959 §2.4; RFC 9132 §4.4.2 asks for an ETag, so that the blocks of two states are not mixed up.</remarks>
public static class BlockSlices
{
    private const int ETagLength = 4;

    /// <summary>The response itself when it fits and the peer did not ask for blocks; else the block asked for, or the first.</summary>
    /// <param name="wanted">Block2 of the request; null when it has none.</param>
    /// <param name="maxPayload">What one message may carry, in octets.</param>
    /// <param name="bert">The peer takes several blocks of 1024 octets in one message (RFC 8323 §6).</param>
    public static CoapMessage Slice(CoapMessage response, CoapBlock? wanted, int maxPayload, bool bert)
    {
        if (wanted is null && response.Payload.Length <= maxPayload) return response;
        // The peer counts in blocks of its own size (RFC 7959 §2.2): a smaller one of ours moves the number.
        var offset = wanted?.Offset ?? 0;
        if (offset >= Math.Max(1, response.Payload.Length)) return CoapMessage.Answer(response, CoapCode.BadRequest, "no such block");
        var (exponent, carried) = Measure(wanted?.Exponent ?? CoapBlock.Bert, maxPayload, bert);
        var rest = response.Payload[(int)offset..];
        var block = new CoapBlock((int)(offset / (16 << Math.Min(exponent, 6))), rest.Length > carried, exponent);
        var slice = response.With(new CoapOption(CoapOptions.ETag, SHA256.HashData(response.Payload.Span).AsMemory(0, ETagLength)))
            .With(block.ToOption(CoapOptions.Block2));
        if (block.Number == 0) slice = slice.With(CoapOption.Uint(CoapOptions.Size2, (uint)response.Payload.Length));
        return slice with { Payload = rest[..Math.Min(carried, rest.Length)] };
    }

    /// <returns>The exponent to use, at most the one wanted, and how many octets a message carries with it.</returns>
    private static (int Exponent, int Carried) Measure(int wanted, int maxPayload, bool bert)
    {
        if (bert && wanted == CoapBlock.Bert && maxPayload >= 1024) return (CoapBlock.Bert, maxPayload / 1024 * 1024);
        var exponent = Math.Min(wanted, 6);
        while (exponent > 0 && 16 << exponent > maxPayload) exponent--;
        return (exponent, 16 << exponent);
    }
}
