using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.NetFlow;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>One decoder, one exporter and one batch, to feed datagrams to.</summary>
internal sealed class DecoderBench(IFlowDecoder decoder)
{
    public static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_700_000_000);

    public IFlowDecoder Decoder => decoder;
    public Exporter Exporter { get; private set; } = new(IpAddr.Parse("192.0.2.1"), 3);
    public FlowBatch Batch { get; } = new();
    public Timestamp Clock { get; set; } = Now;

    public static DecoderBench Of(string protocol, TemplateOptions? options = null) => new(protocol switch
    {
        "netflow5" => new NetFlowV5Decoder(),
        "netflow9" => new NetFlowV9Decoder(options ?? new TemplateOptions()),
        _ => new IpfixDecoder(options ?? new TemplateOptions()),
    });

    public DecodeError Decode(MessageBuilder message) => Decode(message.Build());

    public DecodeError Decode(ReadOnlySpan<byte> datagram) => decoder.Decode(datagram, Exporter, Clock, Batch);

    /// <summary>The flows of one datagram alone.</summary>
    public Flow[] FlowsOf(MessageBuilder message)
    {
        var before = Batch.Count;
        Decode(message);
        return Batch.Flows[before..].ToArray();
    }

    public void SpeakAs(Exporter exporter) => Exporter = exporter;
}
