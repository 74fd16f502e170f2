using System.Buffers;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Flows;
using Breakwater.Engine.Flows;
using Breakwater.Protocols.Ipfix;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Flows;

public sealed class FlowListenerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("receive-listener-").FullName;
    private readonly BatchQueue _queue = new();
    private readonly FlowListenerOptions _options = new() { Listen = [new(IPAddress.Loopback, 0)], ReceiveBuffer = 1 << 20 };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Keeps_templates_over_a_restart()
    {
        var file = new TemplateCacheFile(Path.Combine(_folder, "templates"));
        using (var first = Listener(new RememberingDecoder(), file))
        {
            first.Start();
            Send(first, "template");
            Assert.True(SpinWait.SpinUntil(() => first.Receivers[0].Protocols[0].Datagrams == 1, TimeSpan.FromSeconds(20)));
        }
        var decoder = new RememberingDecoder();
        using var second = Listener(decoder, file);
        second.Start();
        Assert.Equal("template"u8.ToArray(), decoder.Known);
    }

    [Fact]
    public void Closes_what_it_opened_when_one_address_cannot_be_bound()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _options.Listen.Add((IPEndPoint)taken.LocalEndPoint!);
        using var listener = Listener(new RememberingDecoder(), null);
        Assert.Throws<IOException>(listener.Start);
        Assert.Equal(0, listener.Receivers[0].EndPoint.Port);
    }

    [Fact]
    public void Shows_its_counters_as_metrics_with_labels_from_closed_lists()
    {
        using var listener = Listener(new RememberingDecoder(), null);
        using var metrics = new FlowMetrics(listener, _queue);
        listener.Start();
        Send(listener, "template");
        Send(listener, "?");
        Assert.True(SpinWait.SpinUntil(() => listener.Receivers[0].TooShort == 1, TimeSpan.FromSeconds(20)));

        // Listeners of other tests may be read as well: what matters is that ours is among them.
        var seen = new HashSet<(string, long)>();
        using var reader = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "breakwater.flows") self.EnableMeasurementEvents(instrument);
            },
        };
        reader.SetMeasurementEventCallback<long>((instrument, value, labels, _) =>
            seen.Add((instrument.Name + string.Concat(labels.ToArray().Select(l => $" {l.Key}={l.Value}")), value)));
        reader.Start();
        reader.RecordObservableInstruments();
        Assert.Contains(("breakwater.flows.datagrams protocol=remembering", 1L), seen);
        Assert.Contains(("breakwater.flows.unrecognised", 1L), seen);
        Assert.Contains(("breakwater.flows.decode_errors protocol=remembering error=truncated", 0L), seen);
    }

    private FlowListener Listener(IFlowDecoder decoder, TemplateCacheFile? file) =>
        new(_options, () => [decoder], _queue, TimeProvider.System, NullLoggerFactory.Instance, file);

    private static void Send(FlowListener listener, string text)
    {
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.SendTo(System.Text.Encoding.ASCII.GetBytes(text), listener.Receivers[0].EndPoint);
    }

    /// <summary>Its one template is the last datagram.</summary>
    private sealed class RememberingDecoder : IFlowDecoder, ITemplateMemory
    {
        public string Name => "remembering";
        public byte[] Known { get; private set; } = [];

        public bool Recognises(ReadOnlySpan<byte> datagram) => datagram.Length > 1;

        public DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output)
        {
            Known = datagram.ToArray();
            return DecodeError.None;
        }

        public void Export(IBufferWriter<byte> output) => output.Write(Known);

        public int Import(ReadOnlySpan<byte> saved)
        {
            Known = saved.ToArray();
            return 1;
        }

        public IReadOnlyList<DataRecord> ListRecords(ReadOnlySpan<byte> datagram, Exporter exporter) => [];
    }
}
