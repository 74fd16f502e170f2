using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Fuzz.Corpus;

namespace Breakwater.Fuzz.Targets;

/// <summary>A payload reader, and behind it the behaviours and facts that hear what it tells. Each input is one packet's payload; "nothing" is one of which nothing was told.</summary>
/// <param name="name">Name on the command line.</param>
/// <param name="reader">The parser under attack.</param>
/// <param name="protocol">6 for TCP, 17 for UDP.</param>
/// <param name="port">The port that the reader wants.</param>
/// <param name="corpus">Good payloads.</param>
/// <param name="listeners">Hear what is told, as in the service; their memory is watched as well.</param>
public sealed class PayloadTarget(string name, IPayloadReader reader, byte protocol, ushort port, IEnumerable<byte[]> corpus, params object[] listeners) : IFuzzTarget, IObservationSink, ISignSink
{
    private readonly byte[] _frame = new byte[14 + 20 + 20 + Mutator.MaxLength];
    private Timestamp _now = Timestamp.FromUnixSeconds(1_800_000_000);
    private int _told;

    public string Name => name;

    public IReadOnlyList<byte[]> Corpus { get; } = [.. corpus];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        _told = 0;
        _now += TimeSpan.FromMilliseconds(10);
        var length = PacketCorpus.Wrap(input.Span, protocol, port, _frame);
        // A small network, so that the input's addresses stay few and its hosts remember.
        var flow = new Flow { Source = IpAddr.V4(0xC000_0201), Destination = IpAddr.V4(0xC633_6407), Protocol = protocol, SourcePort = protocol == 6 ? (ushort)40_000 : port, DestinationPort = port, TcpFlags = 0x18, Start = _now, End = _now, Packets = 1, SampledPackets = 1, Bytes = 600 };
        if (!reader.Wants(flow)) throw new InvalidOperationException("the reader does not want its own port");
        reader.Read(flow, _frame.AsSpan(0, length), linkType: 1, this);
        foreach (var listener in listeners)
            if (listener is IBehaviour behaviour) behaviour.Tick(_now, this);
        return _told == 0 ? "nothing" : "None";
    }

    void IObservationSink.Take<T>(in Flow flow, in T observation)
    {
        _told++;
        foreach (var listener in listeners)
            if (listener is IHear<T> hear) hear.Heard(flow, observation);
    }

    void ISignSink.Add(Sign sign)
    {
    }
}
