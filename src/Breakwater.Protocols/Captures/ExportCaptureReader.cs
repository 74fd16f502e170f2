using System.Runtime.InteropServices;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Captures;

/// <summary>Reads the flows out of a capture of export datagrams (NetFlow, IPFIX, sFlow), as a collector would have received them.</summary>
/// <remarks>
/// Whether a capture is one is decided by its first packets, up to a batch of them: nine of ten decode without an error, and
/// there are flows in them. The order of the file is the order of arrival, so the same file gives the same flows.
/// </remarks>
/// <param name="packets">Reads the packets; disposed of with this.</param>
/// <param name="decoders">Makes a fresh set of decoders.</param>
/// <param name="content">What the capture is to be taken for.</param>
public sealed class ExportCaptureReader(ICaptureReader packets, Func<IReadOnlyList<IFlowDecoder>> decoders, CaptureContent content) : ICaptureReader
{
    /// <summary>Exporters told apart, as many as a collector does by default; the datagrams of more are passed over.</summary>
    private const int MaxExporters = 4096;

    /// <summary>Exporters may send to any port; on one that nobody knows for it, a datagram or two may look like an export by chance.</summary>
    private const int EnoughElsewhere = 3;

    /// <summary>Datagrams that came within this time go into one batch, which has one time of arrival.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10);

    private readonly FlowBatch _packets = new();
    private readonly List<Datagram> _datagrams = [];
    private CaptureContent _content = content;
    private Collector? _collector;
    private int _next;
    private long _passedOver;

    public string Format => _collector is { } collector ? $"{packets.Format} of {collector.Protocols}" : packets.Format;
    public long Position => packets.Position;

    /// <summary>0 where flows are read: then this is a flow file.</summary>
    public long Packets => _collector is null ? packets.Packets : 0;

    public long Skipped => packets.Skipped + _passedOver;
    public IReadOnlyList<string> Problems => _collector is { } collector ? [.. packets.Problems, .. collector.Problems] : packets.Problems;

    public bool Read(FlowBatch batch)
    {
        if (_content == CaptureContent.Auto)
        {
            var any = packets.Read(batch);
            _content = any && HoldsExports(batch) ? CaptureContent.Flows : CaptureContent.Packets;
            if (_content == CaptureContent.Packets) return any;
            // The datagrams lie in the packet reader's memory, which stays as it is until its next read.
            GatherDatagrams(batch);
        }
        else if (_content == CaptureContent.Packets)
        {
            return packets.Read(batch);
        }
        _collector ??= new Collector(decoders());
        return ReadFlows(batch, _collector);
    }

    public void Dispose() => packets.Dispose();

    private bool ReadFlows(FlowBatch batch, Collector collector)
    {
        batch.Clear();
        var since = Timestamp.Min;
        while (true)
        {
            for (; _next < _datagrams.Count; _next++)
            {
                var datagram = _datagrams[_next];
                if (batch.Count >= FlowBatch.HandOver || (batch.Count > 0 && datagram.At - since > Gather)) return true;
                if (batch.Count == 0) since = datagram.At;
                if (!collector.Take(datagram, batch)) _passedOver++;
            }
            if (!packets.Read(_packets)) return batch.Count > 0;
            GatherDatagrams(_packets);
        }
    }

    /// <summary>Makes a list of the UDP datagrams in a batch of packets.</summary>
    private void GatherDatagrams(FlowBatch from)
    {
        _datagrams.Clear();
        _next = 0;
        for (var i = 0; i < from.Count; i++)
        {
            if (TryDatagram(from, i, out var datagram)) _datagrams.Add(datagram);
            else _passedOver++;
        }
    }

    private static bool TryDatagram(FlowBatch from, int index, out Datagram datagram)
    {
        datagram = default;
        ref readonly var flow = ref from.Flows[index];
        if ((flow.Flags & FlowFlags.Tunnelled) != 0 || !PacketParser.TryUdpPayload(from.PacketOf(index, out _), from.LinkType, out var payload)) return false;
        if (payload.IsEmpty || !from.PacketBytes.Span.Overlaps(payload, out var offset)) return false;
        datagram = new Datagram(from.PacketBytes.Slice(offset, payload.Length), flow.Source, flow.Start);
        return true;
    }

    /// <summary>Tries the first packets with decoders of its own, so that the real ones begin with nothing.</summary>
    private bool HoldsExports(FlowBatch first)
    {
        var trial = new Collector(decoders());
        var flows = new FlowBatch();
        long clean = 0, found = 0;
        var onFlowPort = false;
        for (var i = 0; i < first.Count; i++)
        {
            if (!TryDatagram(first, i, out var datagram)) continue;
            flows.Clear();
            if (!trial.Take(datagram, flows, out var error)) continue;
            if (error is not (DecodeError.None or DecodeError.UnknownTemplate)) continue;
            clean++;
            found += flows.Count;
            onFlowPort |= IsFlowPort(first.Flows[i]);
        }
        return found > 0 && (onFlowPort || clean >= EnoughElsewhere) && clean * 10 >= packets.Packets * 9;
    }

    /// <summary>Ports that exporters send to by custom: NetFlow 2055, 9995 and 9996, IPFIX 4739 (RFC 7011 §10.3.4), sFlow 6343.</summary>
    private static bool IsFlowPort(in Flow packet) => packet is { Protocol: 17, DestinationPort: 2055 or 4739 or 6343 or 9995 or 9996 };

    /// <param name="Payload">In the packet reader's memory.</param>
    private readonly record struct Datagram(ReadOnlyMemory<byte> Payload, IpAddr Source, Timestamp At);

    /// <summary>What a collector keeps: decoders, and the exporters that it knows by their address.</summary>
    private sealed class Collector(IReadOnlyList<IFlowDecoder> decoders)
    {
        private readonly Dictionary<IpAddr, Exporter> _exporters = [];
        private readonly long[] _datagrams = new long[decoders.Count];
        private readonly Dictionary<(int Decoder, DecodeError Error), long> _errors = [];
        private bool _full;

        /// <summary>Names of the protocols met, in the order of the composition.</summary>
        public string Protocols =>
            string.Join(", ", decoders.Where((_, i) => _datagrams[i] > 0).Select(d => d.Name)) is { Length: > 0 } names ? names : "flow exports";

        public IEnumerable<string> Problems
        {
            get
            {
                foreach (var ((decoder, error), count) in _errors.OrderBy(e => e.Key))
                    yield return $"{decoders[decoder].Name}: {count} of {_datagrams[decoder]} datagrams with an error: {error.Name()}";
                if (_full) yield return $"more than {MaxExporters} exporters: the datagrams of the others were passed over";
            }
        }

        public bool Take(in Datagram datagram, FlowBatch output) => Take(datagram, output, out _);

        /// <returns>False when it is no export datagram, or there is no room for its exporter.</returns>
        public bool Take(in Datagram datagram, FlowBatch output, out DecodeError error)
        {
            error = DecodeError.UnsupportedVersion;
            var payload = datagram.Payload.Span;
            var kind = 0;
            while (kind < decoders.Count && !decoders[kind].Recognises(payload)) kind++;
            if (kind == decoders.Count || FindOrAdd(datagram) is not { } exporter) return false;
            exporter.LastSeen = datagram.At;
            exporter.Datagrams++;
            exporter.Octets += payload.Length;
            error = decoders[kind].Decode(payload, exporter, datagram.At, output);
            output.ReceivedAt = datagram.At;
            _datagrams[kind]++;
            if (error != DecodeError.None) CollectionsMarshal.GetValueRefOrAddDefault(_errors, (kind, error), out _)++;
            return true;
        }

        private Exporter? FindOrAdd(in Datagram datagram)
        {
            if (_exporters.TryGetValue(datagram.Source, out var known)) return known;
            _full |= _exporters.Count == MaxExporters;
            if (_full) return null;
            return _exporters[datagram.Source] = new Exporter(datagram.Source, (ushort)(_exporters.Count + 1)) { FirstSeen = datagram.At };
        }
    }
}
