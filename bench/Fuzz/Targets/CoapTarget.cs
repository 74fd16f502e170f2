using Breakwater.Core.Flows;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Coap;

namespace Breakwater.Fuzz.Targets;

/// <summary>CoAP: each input as a datagram, as a frame, and as the next octets for a session of either kind.</summary>
public sealed class CoapTarget : IFuzzTarget
{
    private const int MaxMessageSize = 8192;
    private static readonly string[] Names = [.. Enum.GetValues<DecodeError>().Select(e => e.ToString())];

    private readonly CoapDatagramSession _datagrams = new(new CoapTransmission(), new Random(1));
    private CoapStreamSession _stream = new(MaxMessageSize, new Random(1));
    private Timestamp _now = Timestamp.FromUnixSeconds(1_800_000_000);

    public string Name => "coap";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. DotsCorpus.Messages().Select(CoapDatagram.Write)];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var error = CoapDatagram.Read(input, out var message);
        if (error == DecodeError.None)
        {
            if (CoapDatagram.Read(CoapDatagram.Write(message!), out var again) != DecodeError.None || !message!.Equals(again)) throw new InvalidOperationException("a datagram does not survive writing");
            CoapFrame.Read(CoapFrame.Write(message), out _);
        }
        CoapFrame.Read(input, out _);
        _now += TimeSpan.FromMilliseconds(100);
        _datagrams.Receive(_now, input);
        Drain(_datagrams);
        _stream.Receive(_now, input);
        Drain(_stream);
        if (_stream.IsClosed) _stream = Settled();
        return Names[(int)error];
    }

    private CoapStreamSession Settled()
    {
        var session = new CoapStreamSession(MaxMessageSize, new Random(1));
        session.Receive(_now, CoapFrame.Write(new CoapMessage { Code = CoapCode.Csm }));
        return session;
    }

    private void Drain(CoapSession session)
    {
        session.Tick(_now);
        while (session.TryDequeueEvent(out var happened))
            if (happened.Kind == CoapEventKind.Request) session.Respond(_now, happened.Message!, CoapMessage.Answer(happened.Message!, CoapCode.NotFound));
        while (session.TryDequeueOutgoing(out _)) { }
    }
}
