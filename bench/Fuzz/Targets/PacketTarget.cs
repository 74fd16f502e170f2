using Breakwater.Core.Flows;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Net;

namespace Breakwater.Fuzz.Targets;

/// <summary>The packet header parser. Each input is tried as every link type in turn, and as whole, snapped and of unknown length.</summary>
public sealed class PacketTarget : IFuzzTarget
{
    private static readonly string[] Names = [.. Enum.GetValues<DecodeError>().Select(e => e.ToString())];
    private static readonly int[] Others = [LinkTypes.Raw, LinkTypes.LinuxSll, LinkTypes.LinuxSll2, LinkTypes.Null, LinkTypes.Loop, LinkTypes.Ppp, LinkTypes.Mpls];

    private readonly Flow[] _flow = new Flow[1];
    private int _inputs;

    public string Name => "packet";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. PacketCorpus.Frames()];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var turn = _inputs++;
        // Frames are Ethernet, so most inputs get past the link layer only as that.
        var linkType = (turn & 7) == 0 ? Others[turn / 8 % Others.Length] : LinkTypes.Ethernet;
        var originalLength = (turn & 3) switch { 0 => 0, 1 => input.Length + 1000, _ => input.Length };
        _flow[0] = default;
        if (PacketParser.TryParse(input.Span, linkType, originalLength, ref _flow[0], out var error)) FlowContract.Check(_flow);
        return Names[(int)error];
    }
}
