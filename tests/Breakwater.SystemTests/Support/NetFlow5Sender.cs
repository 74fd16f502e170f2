using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Breakwater.SystemTests.Support;

/// <summary>A well-behaved router that sends NetFlow version 5: what happens now, told at once, every sequence number right.</summary>
internal sealed class NetFlow5Sender : IDisposable
{
    private const int HeaderLength = 24, RecordLength = 48, MaxRecords = 30;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly DateTime _booted = DateTime.UtcNow.AddHours(-1);
    private readonly byte[] _datagram = new byte[HeaderLength + MaxRecords * RecordLength];
    private int _records;
    private uint _sequence;

    /// <param name="receiver">"address:port" of the collector.</param>
    /// <param name="source">Local address to send from, which is who the exporter is.</param>
    public NetFlow5Sender(string receiver, string source = "127.0.0.1")
    {
        _socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
        _socket.Connect(IPEndPoint.Parse(receiver));
    }

    /// <summary>Sent so far.</summary>
    public long Flows { get; private set; }

    public long Packets { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Adds one record of traffic in the last 100 ms; sends when a datagram is full.</summary>
    public void Add(string source, string destination, byte protocol, int sourcePort, int destinationPort, uint packets, uint bytes, int inputInterface = 0)
    {
        var record = _datagram.AsSpan(HeaderLength + _records * RecordLength, RecordLength);
        record.Clear();
        IPAddress.Parse(source).TryWriteBytes(record, out _);
        IPAddress.Parse(destination).TryWriteBytes(record[4..], out _);
        var upTime = UpTime();
        BinaryPrimitives.WriteUInt16BigEndian(record[12..], (ushort)inputInterface);
        BinaryPrimitives.WriteUInt32BigEndian(record[16..], packets);
        BinaryPrimitives.WriteUInt32BigEndian(record[20..], bytes);
        BinaryPrimitives.WriteUInt32BigEndian(record[24..], upTime - 100);
        BinaryPrimitives.WriteUInt32BigEndian(record[28..], upTime);
        BinaryPrimitives.WriteUInt16BigEndian(record[32..], (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(record[34..], (ushort)destinationPort);
        record[38] = protocol;
        (Flows, Packets, Bytes) = (Flows + 1, Packets + packets, Bytes + bytes);
        if (++_records == MaxRecords) Flush();
    }

    /// <summary>Sends what was added.</summary>
    public void Flush()
    {
        if (_records == 0) return;
        var now = DateTime.UtcNow - DateTime.UnixEpoch;
        BinaryPrimitives.WriteUInt16BigEndian(_datagram, 5);
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(2), (ushort)_records);
        BinaryPrimitives.WriteUInt32BigEndian(_datagram.AsSpan(4), UpTime());
        BinaryPrimitives.WriteUInt32BigEndian(_datagram.AsSpan(8), (uint)now.TotalSeconds);
        BinaryPrimitives.WriteUInt32BigEndian(_datagram.AsSpan(12), (uint)(now.Ticks % TimeSpan.TicksPerSecond * 100));
        BinaryPrimitives.WriteUInt32BigEndian(_datagram.AsSpan(16), _sequence);
        _sequence += (uint)_records;
        try
        {
            _socket.Send(_datagram.AsSpan(0, HeaderLength + _records * RecordLength));
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Nobody listens at the moment. A router neither knows nor cares.
        }
        _records = 0;
    }

    /// <summary>
    /// Amplified DNS answers from 200 resolvers at 100,000 packets/s, told ten times a second, until cancelled or for <paramref name="duration"/>.
    /// </summary>
    public async Task FloodWithDnsAnswers(string victim, TimeSpan duration, CancellationToken cancel = default)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var until = DateTime.UtcNow + duration;
        while (DateTime.UtcNow < until && !cancel.IsCancellationRequested)
        {
            for (var resolver = 1; resolver <= 200; resolver++)
                Add($"198.51.100.{resolver}", victim, protocol: 17, sourcePort: 53, destinationPort: 40_000 + resolver, packets: 50, bytes: 50 * 1_428);
            Flush();
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public void Dispose() => _socket.Dispose();

    private uint UpTime() => (uint)(DateTime.UtcNow - _booted).TotalMilliseconds;
}
