using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Pcap;

/// <summary>Reads pcap files: a 24-octet header, then packets, each behind a header of 16 octets (24 in the modified format).</summary>
/// <remarks>
/// draft-ietf-opsawg-pcap §4 and §5. Both byte orders, micro- and nanoseconds. A batch's packet bytes stay valid until the next
/// <see cref="Read"/>. The format has no mark to find the next packet by: at the first impossible length the file is over.
/// </remarks>
public sealed class PcapReader(Stream stream) : ICaptureReader
{
    internal const uint MagicMicroseconds = 0xA1B2C3D4;
    internal const uint MagicNanoseconds = 0xA1B23C4D;

    /// <summary>Alexey Kuznetzov's patched libpcap: interface, protocol and packet type follow each packet's header.</summary>
    internal const uint MagicModified = 0xA1B2CD34;

    private const int FileHeader = 24;

    private readonly StreamWindow _window = new(stream);
    private readonly ProblemList _problems = new();
    private bool _headerRead;
    private bool _ended;
    private bool _swapped;
    private int _nanosecondsPerUnit;
    private int _recordHeader;
    private int _linkType;

    /// <summary>True when the stream is the content of a gzip file.</summary>
    internal bool Compressed { get; init; }

    public string Format => Compressed ? "pcap.gz" : "pcap";
    public long Position => _window.Position;
    public long Packets { get; private set; }
    public long Skipped { get; private set; }
    public IReadOnlyList<string> Problems => _problems.All;

    public bool Read(FlowBatch batch)
    {
        batch.Clear();
        while (!_ended && batch.Count == 0)
        {
            if (!_headerRead) ReadHeader();
            if (_headerRead) ReadPackets(batch);
            // A full batch leaves the window alone: its packets lie there.
            if (!_ended && batch.Count == 0 && !_window.Fill()) End();
        }
        if (batch.Count > 0) batch.PacketBytes = _window.Memory;
        return batch.Count > 0;
    }

    public void Dispose() => _window.Dispose();

    internal static bool IsMagic(uint magic) => magic is MagicMicroseconds or MagicNanoseconds or MagicModified;

    private void ReadHeader()
    {
        var header = _window.Unread;
        if (header.Length < FileHeader) return;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(header);
        _swapped = !IsMagic(magic);
        if (_swapped) magic = BinaryPrimitives.ReverseEndianness(magic);
        if (!IsMagic(magic))
        {
            Stop($"no pcap magic number at octet 0: {magic:x8}");
            return;
        }
        _nanosecondsPerUnit = magic == MagicNanoseconds ? 1 : 1000;
        _recordHeader = magic == MagicModified ? 24 : 16;
        // The upper half tells the length of frame check sequences.
        _linkType = (int)(U32(header[20..]) & 0xFFFF);
        if (!LinkTypes.IsDecoded(_linkType)) _problems.Add($"link type {_linkType} is not decoded: every packet is skipped");
        _window.Advance(FileHeader);
        _headerRead = true;
    }

    /// <summary>Takes every packet that lies in the window whole, until the batch is full.</summary>
    private void ReadPackets(FlowBatch batch)
    {
        var bytes = _window.Unread;
        var at = 0;
        while (batch.Count < FlowBatch.HandOver && bytes.Length - at >= _recordHeader)
        {
            var header = bytes.Slice(at, _recordHeader);
            var captured = U32(header[8..]);
            if (captured > CapturedPacket.Longest)
            {
                Stop($"packet at octet {_window.Position + at} claims {captured} captured octets: the rest of the file cannot be read");
                break;
            }
            var data = at + _recordHeader;
            if (bytes.Length - data < (int)captured) break;
            var time = new Timestamp(U32(header) * Timestamp.NanosecondsPerSecond + U32(header[4..]) * (long)_nanosecondsPerUnit);
            var packet = new CapturedPacket(_window.Start + data, (int)captured, U32(header[12..]), _linkType, time);
            if (!packet.AddTo(batch, bytes.Slice(data, (int)captured))) Skipped++;
            Packets++;
            at = data + (int)captured;
        }
        _window.Advance(at);
    }

    private uint U32(ReadOnlySpan<byte> bytes)
    {
        var value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return _swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    /// <summary>The stream gave no more: at a packet's end, or inside one.</summary>
    private void End()
    {
        _ended = true;
        if (_window.Damage is { } damage) _problems.Add($"gzip content ends at octet {Position}: {damage}");
        var rest = _window.Unread;
        if (rest.IsEmpty && _headerRead) return;
        if (!_headerRead) _problems.Add($"truncated at octet {rest.Length}: the file header has {FileHeader} octets");
        else if (rest.Length < _recordHeader) _problems.Add($"truncated at octet {Position + rest.Length}: packet header of {_recordHeader} octets has {rest.Length}");
        else _problems.Add($"truncated at octet {Position + rest.Length}: packet of {U32(rest[8..])} octets has {rest.Length - _recordHeader}");
    }

    private void Stop(string problem)
    {
        _ended = true;
        _problems.Add(problem);
    }
}
