using System.Buffers;
using System.Net;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine.Net;
using Breakwater.Protocols.Ipfix;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Flows;

/// <summary>One UDP socket with its own thread: receives datagrams, decodes each at once, and hands the flows to the queue in batches.</summary>
/// <remarks>
/// Inert until <see cref="Start"/>. The decoders are its own, since they are owned by one thread; exporters are shared with
/// other receivers, since one router may send NetFlow to one port and sFlow to another. Allocates nothing per datagram.
/// </remarks>
public sealed class FlowReceiver : IDisposable
{
    /// <summary>How long it waits for detection: the default receive buffer holds twice as much of three million records a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest time that a decoded flow waits for others before its batch is handed over.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(8);

    // New exporters logged a minute: enough to follow a roll-out, and a bound when addresses are forged.
    private const int AnnouncementsPerMinute = 10;

    private readonly IPEndPoint _endpoint;
    private readonly int _receiveBuffer;
    private readonly Lock _decoding = new();
    private readonly IFlowDecoder[] _decoders;
    private readonly ProtocolCounters[] _counters;
    private readonly ExporterTable _exporters;
    private readonly BatchQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private DatagramSocket? _socket;
    private Thread? _thread;
    private volatile bool _stopping;
    private long _kernelDrops;
    private long _tooShort;
    private long _unrecognised;
    private int _likely;
    private int _announcements;
    private Timestamp _announcingSince;

    /// <param name="endpoint">Local address and port; port 0 takes any free one.</param>
    /// <param name="receiveBuffer">Octets of kernel receive buffer to ask for.</param>
    /// <param name="decoders">This receiver's own decoders; the first that recognises a datagram gets it.</param>
    /// <param name="exporters">Shared by all receivers.</param>
    /// <param name="queue">Where batches come from and go to.</param>
    /// <param name="time">Stamps batches.</param>
    /// <param name="logger">Changes of state only.</param>
    public FlowReceiver(
        IPEndPoint endpoint, int receiveBuffer, IEnumerable<IFlowDecoder> decoders, ExporterTable exporters, BatchQueue queue, TimeProvider time, ILogger logger)
    {
        _endpoint = endpoint;
        _receiveBuffer = receiveBuffer;
        _decoders = [.. decoders];
        _counters = [.. _decoders.Select(d => new ProtocolCounters(d.Name))];
        _exporters = exporters;
        _queue = queue;
        _time = time;
        _logger = logger;
    }

    /// <summary>Where it listens: once started, with the port that was free.</summary>
    public IPEndPoint EndPoint => _socket?.LocalEndPoint ?? _endpoint;

    public IReadOnlyList<ProtocolCounters> Protocols => _counters;

    /// <summary>Datagrams that the kernel dropped because the socket's buffer was full.</summary>
    public long KernelDrops => _socket?.KernelDrops() ?? _kernelDrops;

    /// <summary>Datagrams too short to name a protocol. No exporter is made known for them.</summary>
    public long TooShort => Volatile.Read(ref _tooShort);

    /// <summary>Datagrams of no protocol that we decode. No exporter is made known for them.</summary>
    public long Unrecognised => Volatile.Read(ref _unrecognised);

    /// <summary>Binds the socket and starts the thread.</summary>
    /// <exception cref="IOException">The address cannot be bound; the message says which and why.</exception>
    public void Start()
    {
        try
        {
            _socket = DatagramSocket.Bind(_endpoint, _receiveBuffer);
        }
        catch (System.Net.Sockets.SocketException refused)
        {
            throw new IOException($"cannot receive flows on {_endpoint}/udp: {refused.Message}", refused);
        }
        _logger.Listening(EndPoint, _socket.ReceiveBuffer);
        if (_socket.ReceiveBuffer < _receiveBuffer) _logger.SmallReceiveBuffer(EndPoint, _socket.ReceiveBuffer, _receiveBuffer);
        _thread = HotThread.Create($"flows {EndPoint}", Run);
        _thread.Start();
    }

    /// <summary>Stops the thread, hands over what it holds, and closes the socket. The queue stays open.</summary>
    public void Dispose()
    {
        if (_socket is not { } socket) return;
        _stopping = true;
        socket.Wake();
        _thread?.Join();
        _kernelDrops = socket.KernelDrops();
        _socket = null;
        socket.Dispose();
    }

    /// <summary>What its decoders know of templates, by a key that is the same after a restart. Holds up decoding for as long as it takes.</summary>
    internal IEnumerable<KeyValuePair<string, byte[]>> ExportTemplates()
    {
        foreach (var decoder in _decoders)
        {
            if (decoder is not ITemplateMemory memory) continue;
            var output = new ArrayBufferWriter<byte>();
            lock (_decoding) memory.Export(output);
            yield return KeyValuePair.Create(KeyOf(decoder), output.WrittenSpan.ToArray());
        }
    }

    /// <summary>Takes over what <see cref="ExportTemplates"/> gave before a restart.</summary>
    /// <returns>Templates taken over.</returns>
    internal int ImportTemplates(IReadOnlyDictionary<string, byte[]> saved)
    {
        lock (_decoding)
            return _decoders.Sum(d => d is ITemplateMemory memory && saved.TryGetValue(KeyOf(d), out var bytes) ? memory.Import(bytes) : 0);
    }

    private string KeyOf(IFlowDecoder decoder) => $"{_endpoint} {decoder.Name}";

    private void Run()
    {
        var socket = _socket!;
        var pause = PauseFor(socket.ReceiveBuffer);
        var batch = _queue.Rent();
        var heldSince = 0L;
        while (!_stopping)
        {
            var received = socket.Receive();
            if (received > 0)
            {
                if (batch.Count == 0) heldSince = _time.GetTimestamp();
                batch = Take(socket, received, batch);
            }
            if (batch.Count == 0)
            {
                if (received == 0) socket.Wait();
            }
            else if (received == 0 || pause == 0 || _time.GetElapsedTime(heldSince).TotalMilliseconds + pause > Hold.TotalMilliseconds)
            {
                batch = HandOver(batch);
            }
            else if (received < socket.Slots)
            {
                // The socket is dry. To be woken for each datagram would cost more than decoding it: let a few gather.
                socket.Pause(pause);
            }
        }
        if (batch.Count > 0) _queue.Enqueue(batch);
        else _queue.Return(batch);
    }

    private FlowBatch Take(DatagramSocket socket, int received, FlowBatch batch)
    {
        var now = Timestamp.From(_time.GetUtcNow());
        lock (_decoding)
        {
            for (var i = 0; i < received; i++)
            {
                Decode(socket.Datagram(i, out var source), source, now, batch);
                if (batch.Count >= FlowBatch.HandOver) batch = HandOver(batch);
            }
        }
        return batch;
    }

    private FlowBatch HandOver(FlowBatch batch)
    {
        _queue.Enqueue(batch, Patience);
        return _queue.Rent();
    }

    private void Decode(ReadOnlySpan<byte> datagram, IpAddr source, Timestamp now, FlowBatch batch)
    {
        var kind = Recognise(datagram);
        if (kind < 0)
        {
            if (datagram.Length < sizeof(ushort)) _tooShort++;
            else _unrecognised++;
            return;
        }
        if (_exporters.FindOrAdd(source, now) is not { } exporter) return;
        var before = batch.Count;
        DecodeError error;
        // Never contended, unless the exporter sends to two of our ports.
        lock (exporter)
        {
            exporter.LastSeen = now;
            exporter.Datagrams++;
            exporter.Octets += datagram.Length;
            error = _decoders[kind].Decode(datagram, exporter, now, batch);
        }
        batch.ReceivedAt = now;
        _counters[kind].Count(error, batch.Count - before);
        if (exporter.Datagrams == 1) Announce(exporter, _decoders[kind].Name, now);
    }

    /// <summary>Which decoder takes the datagram, -1 for none. A port mostly gets one protocol: the last one is asked first.</summary>
    private int Recognise(ReadOnlySpan<byte> datagram)
    {
        if (_likely < _decoders.Length && _decoders[_likely].Recognises(datagram)) return _likely;
        for (var i = 0; i < _decoders.Length; i++)
            if (_decoders[i].Recognises(datagram)) return _likely = i;
        return -1;
    }

    private void Announce(Exporter exporter, string protocol, Timestamp now)
    {
        if (now - _announcingSince > TimeSpan.FromMinutes(1))
        {
            _announcingSince = now;
            _announcements = 0;
        }
        // Elsewhere: writing the first line of a log takes as long as ten thousand records.
        if (_announcements++ < AnnouncementsPerMinute) ThreadPool.QueueUserWorkItem(_ => _logger.NewExporter(exporter.Address, protocol));
    }

    /// <summary>Milliseconds that datagrams may gather in a buffer of this size before the fastest stream (300,000 a second) fills a quarter of it.</summary>
    private static int PauseFor(int receiveBuffer)
    {
        const int octetsPerMillisecond = 300 * 2304;
        return Math.Min(4, receiveBuffer / 4 / octetsPerMillisecond);
    }
}
