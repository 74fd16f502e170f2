using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Fuzz.Targets;

/// <summary>BGP messages as they come off a connection: framing, then the reader of the type. What an UPDATE was read to is written again.</summary>
public sealed class BgpMessageTarget : IFuzzTarget
{
    private static readonly UpdateContext Context = new(FourOctetAs: true, Internal: true);
    private readonly UpdateEncoder _encoder = new(Context, BgpFraming.MaxExtendedLength);

    public string Name => "bgp-message";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. BgpCorpus.Messages()];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var status = BgpFraming.Read(input.Span, extended: true, out var type, out var length, out var error);
        if (status != BgpFrameStatus.Complete)
        {
            // Most damage is to lengths: the body is read all the same, as if the length had fitted.
            if (input.Length > BgpFraming.HeaderLength) Update(input.Span[BgpFraming.HeaderLength..]);
            return error is null ? "incomplete" : "framing";
        }
        var body = input.Span[BgpFraming.HeaderLength..length];
        switch (type)
        {
            case BgpMessageType.Open: return BgpOpen.Decode(body, out _) is null ? "None" : "open";
            case BgpMessageType.Update: return Update(body);
            case BgpMessageType.Notification: return BgpNotification.Decode(body).ToString().Length > 0 ? "None" : "empty";
            case BgpMessageType.RouteRefresh: return BgpRouteRefresh.Decode(body, out _) is null ? "None" : "refresh";
            default: return "None";
        }
    }

    private string Update(ReadOnlySpan<byte> body)
    {
        var decoded = UpdateDecoder.Decode(body, Context);
        if (decoded.Reaction != UpdateReaction.None) return decoded.Reaction.ToString();
        // Routes and attributes that were read without fault can be written, and then are read to the same. Lengths may grow by a header of 16 bits.
        var written = _encoder.EncodeAttributes(decoded.Update.Attributes);
        if (written.Length > body.Length + 4) throw new InvalidOperationException($"{written.Length} octets of attributes from a body of {body.Length}");
        foreach (var route in decoded.Update.Announced) _ = route.ToString();
        foreach (var route in decoded.Update.Reach?.Routes ?? []) _ = route.ToString();
        return "None";
    }
}
