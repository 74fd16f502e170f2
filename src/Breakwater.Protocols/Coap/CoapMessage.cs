using System.Text;

namespace Breakwater.Protocols.Coap;

/// <summary>One CoAP message, whatever carries it.</summary>
public sealed record CoapMessage
{
    public CoapCode Code { get; init; }

    /// <summary>Meaningful over datagrams only.</summary>
    public CoapType Type { get; init; } = CoapType.NonConfirmable;

    /// <summary>Meaningful over datagrams only: matches acknowledgements and tells duplicates.</summary>
    public ushort MessageId { get; init; }

    /// <summary>0 to 8 octets that match a response to its request.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>In ascending order of number; those of one number in the order in which they were given.</summary>
    public IReadOnlyList<CoapOption> Options { get; init; } = [];

    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The first option of a number; false when there is none.</summary>
    public bool TryOption(int number, out CoapOption option)
    {
        foreach (var candidate in Options)
        {
            option = candidate;
            if (candidate.Number == number) return true;
        }
        option = default;
        return false;
    }

    /// <summary>The first option of a number as an unsigned integer; null when there is none, or its value is too long.</summary>
    public uint? Uint(int number) => TryOption(number, out var option) && option.TryUint(out var value) ? value : null;

    /// <summary>Values of the options of a number as text, in their order.</summary>
    public IEnumerable<string> Texts(int number) => Options.Where(o => o.Number == number).Select(o => Encoding.UTF8.GetString(o.Value.Span));

    /// <summary>The same message with one more option, in its place.</summary>
    public CoapMessage With(CoapOption option)
    {
        var after = Options.Count;
        while (after > 0 && Options[after - 1].Number > option.Number) after--;
        return this with { Options = [.. Options.Take(after), option, .. Options.Skip(after)] };
    }

    /// <summary>The same message without the options of a number.</summary>
    public CoapMessage Without(int number) => this with { Options = [.. Options.Where(o => o.Number != number)] };

    /// <summary>A response to a request, with its token.</summary>
    /// <param name="diagnostic">For people; goes into the payload of an error (RFC 7252 §5.5.2).</param>
    public static CoapMessage Answer(CoapMessage request, CoapCode code, string? diagnostic = null) =>
        new() { Code = code, Token = request.Token, Payload = diagnostic is null ? default : Encoding.UTF8.GetBytes(diagnostic) };

    public bool Equals(CoapMessage? other) =>
        other is not null && Code == other.Code && Type == other.Type && MessageId == other.MessageId
        && Token.Span.SequenceEqual(other.Token.Span) && Payload.Span.SequenceEqual(other.Payload.Span)
        && Options.Count == other.Options.Count
        && Options.Zip(other.Options).All(p => p.First.Number == p.Second.Number && p.First.Value.Span.SequenceEqual(p.Second.Value.Span));

    public override int GetHashCode() => HashCode.Combine(Code, MessageId, Options.Count, Payload.Length);
}
