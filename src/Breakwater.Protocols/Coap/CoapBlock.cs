namespace Breakwater.Protocols.Coap;

/// <summary>The value of a Block1 or Block2 option: which block of a longer payload a message carries.</summary>
/// <param name="Number">0 to 2^20 - 1, in units of <see cref="Size"/>.</param>
/// <param name="More">Blocks follow.</param>
/// <param name="Exponent">Block size as 2^(exponent + 4); 7 stands for any number of 1024-octet blocks in one message (BERT).</param>
/// <remarks>RFC 7959 §2.2, RFC 8323 §6.</remarks>
public readonly record struct CoapBlock(int Number, bool More, int Exponent)
{
    public const int Bert = 7;

    /// <summary>16 to 1024 octets.</summary>
    public int Size => 16 << Math.Min(Exponent, 6);

    /// <summary>Where the block begins in the whole payload.</summary>
    public long Offset => (long)Number * Size;

    /// <summary>The option, with this block as its value.</summary>
    /// <param name="number"><see cref="CoapOptions.Block1"/> or <see cref="CoapOptions.Block2"/>.</param>
    public CoapOption ToOption(int number) => CoapOption.Uint(number, (uint)(Number << 4 | (More ? 8 : 0) | Exponent));

    /// <summary>Reads the option out of a message.</summary>
    /// <param name="malformed">True when the option is there but longer than three octets, or BERT over datagrams.</param>
    public static CoapBlock? Of(CoapMessage message, int number, bool reliable, out bool malformed)
    {
        malformed = false;
        if (!message.TryOption(number, out var option)) return null;
        malformed = option.Value.Length > 3 || !option.TryUint(out _);
        if (malformed) return null;
        option.TryUint(out var value);
        var block = new CoapBlock((int)(value >> 4), (value & 8) != 0, (int)(value & 7));
        malformed = block.Exponent == Bert && !reliable;
        return malformed ? null : block;
    }
}
