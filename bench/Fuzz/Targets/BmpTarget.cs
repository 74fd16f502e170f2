using Breakwater.Core.Flows;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Bmp;

namespace Breakwater.Fuzz.Targets;

/// <summary>BMP messages as they come off a connection: framing, the reader of the type, and the tables that routes end in.</summary>
public sealed class BmpTarget : IFuzzTarget
{
    /// <summary>As many routes as a peer might announce; the tables must not hold more of each kind.</summary>
    private const int MaxRoutes = 100;

    private readonly BmpRoutes _routes = new();

    public string Name => "bmp";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. BmpCorpus.Messages()];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var framing = BmpFraming.Read(input.Span, out var type, out var length);
        // Most damage is to lengths: the body is read all the same, as if the length had fitted.
        if (framing != DecodeError.None && input.Length < BmpFraming.HeaderLength) return framing.Name();
        var end = framing == DecodeError.None ? length : input.Length;
        var error = BmpDecoder.Decode(type, input.Span[BmpFraming.HeaderLength..end], out var message);
        if (message is BmpRouteMonitoring routes)
        {
            if (_routes.Count > MaxRoutes) _routes.Keep(_ => false);
            _routes.Take(routes.Peer.View, routes.Update, _ => true);
            foreach (var route in routes.Update.Update.Announced) _routes.Holds(route, new PathAttributes());
        }
        if (message is BmpPeerUp or BmpPeerDown) _routes.EndSession();
        return framing != DecodeError.None ? framing.Name() : error == DecodeError.None ? "None" : error.Name();
    }
}
