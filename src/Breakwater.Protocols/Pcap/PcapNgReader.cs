using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Pcap;

/// <summary>Reads pcapng files: sections of blocks, each block with its type and, before and after its body, its length.</summary>
/// <remarks>
/// draft-ietf-opsawg-pcapng §3.1 (blocks), §4.1 (section header), §4.2 (interface), §4.3 (enhanced packet), §4.4 (simple packet),
/// appendix A (obsolete packet block). Other blocks are skipped. A batch ends where the link type changes; its packet bytes stay
/// valid until the next <see cref="Read"/>.
/// </remarks>
public sealed class PcapNgReader(Stream stream) : ICaptureReader
{
    internal const uint SectionHeader = 0x0A0D0D0A;
    private const uint InterfaceDescription = 1;
    private const uint ObsoletePacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B3C4D;

    /// <summary>Type 4, length 4, and the length again at the end.</summary>
    private const int BlockFrame = 12;

    /// <summary>Interfaces kept per section: more than any machine has, few enough for a file made to fill memory.</summary>
    private const int MaxInterfaces = 65_536;

    private readonly StreamWindow _window = new(stream);
    private readonly ProblemList _problems = new();
    private readonly List<PcapNgInterface> _interfaces = [];
    private bool _ended;
    private bool _swapped;
    private bool _unknownInterfaceReported;
    private long _skipLeft;
    private Timestamp _lastTime;

    /// <summary>True when the stream is the content of a gzip file.</summary>
    internal bool Compressed { get; init; }

    public string Format => Compressed ? "pcapng.gz" : "pcapng";
    public long Position => _window.Position;
    public long Packets { get; private set; }
    public long Skipped { get; private set; }
    public IReadOnlyList<string> Problems => _problems.All;

    public bool Read(FlowBatch batch)
    {
        batch.Clear();
        while (!_ended && batch.Count == 0)
        {
            ReadBlocks(batch);
            // A full batch leaves the window alone: its packets lie there.
            if (!_ended && batch.Count == 0 && !_window.Fill()) End();
        }
        if (batch.Count > 0) batch.PacketBytes = _window.Memory;
        return batch.Count > 0;
    }

    public void Dispose() => _window.Dispose();

    /// <summary>Takes every block that lies in the window whole, until the batch is full or the link type changes.</summary>
    private void ReadBlocks(FlowBatch batch)
    {
        while (batch.Count < FlowBatch.HandOver && !_ended)
        {
            if (_skipLeft > 0)
            {
                var skip = (int)Math.Min(_skipLeft, _window.Unread.Length);
                _window.Advance(skip);
                _skipLeft -= skip;
                if (_skipLeft > 0) return;
            }
            var bytes = _window.Unread;
            if (bytes.Length < BlockFrame) return;
            var type = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            // A section header reads the same in both orders, and its magic says in which its length is written.
            if (type == SectionHeader)
            {
                if (!TakeByteOrder(bytes[8..])) return;
            }
            else if (_swapped)
            {
                type = BinaryPrimitives.ReverseEndianness(type);
            }
            var length = U32(bytes[4..]);
            if (length < BlockFrame || length % 4 != 0)
            {
                Stop($"block at octet {Position} claims a length of {length}: the rest of the file cannot be read");
                return;
            }
            if (length > StreamWindow.Size)
            {
                SkipHugeBlock(type, length);
                continue;
            }
            if (bytes.Length < length) return;
            if (U32(bytes[((int)length - 4)..]) is var trailing && trailing != length)
            {
                Stop($"block at octet {Position} has length {length} before and {trailing} after its body: the rest of the file cannot be read");
                return;
            }
            if (!TakeBlock(type, bytes[8..((int)length - 4)], batch)) return;
            _window.Advance((int)length);
        }
    }

    /// <returns>False when the block is to be read again with an empty batch.</returns>
    private bool TakeBlock(uint type, ReadOnlySpan<byte> body, FlowBatch batch)
    {
        switch (type)
        {
            case SectionHeader:
                _interfaces.Clear();
                return true;
            case InterfaceDescription:
                TakeInterface(body);
                return true;
            case EnhancedPacket or ObsoletePacket:
                return TakeTimedPacket(type, body, batch);
            case SimplePacket:
                return TakeSimplePacket(body, batch);
            default:
                return true;
        }
    }

    private void TakeInterface(ReadOnlySpan<byte> body)
    {
        if (body.Length < 8)
        {
            Report("interface description", body.Length);
            return;
        }
        if (_interfaces.Count == MaxInterfaces) return;
        var described = new PcapNgInterface(body, _swapped);
        if (!LinkTypes.IsDecoded(described.LinkType) && _problems.HasRoom)
            _problems.Add($"interface at octet {Position}: link type {described.LinkType} is not decoded, its packets are skipped");
        _interfaces.Add(described);
    }

    /// <summary>Interface 4 (obsolete: interface 2, drops 2), time 8 as two halves, captured 4, original 4, packet, options.</summary>
    private bool TakeTimedPacket(uint type, ReadOnlySpan<byte> body, FlowBatch batch)
    {
        const int header = 20;
        if (body.Length < header)
        {
            Report("packet", body.Length);
            return true;
        }
        var captured = U32(body[12..]);
        if (captured > body.Length - header || captured > CapturedPacket.Longest)
        {
            Report($"packet of {captured} captured octets", body.Length);
            return true;
        }
        var number = type == EnhancedPacket ? U32(body)
            : _swapped ? BinaryPrimitives.ReadUInt16BigEndian(body) : BinaryPrimitives.ReadUInt16LittleEndian(body);
        if (number >= _interfaces.Count) return CountUnknownInterface(number);
        var from = _interfaces[(int)number];
        if (batch.Count > 0 && batch.LinkType != from.LinkType) return false;
        _lastTime = from.TimeOf((ulong)U32(body[4..]) << 32 | U32(body[8..]));
        Take(body, header, (int)captured, U32(body[16..]), from.LinkType, batch);
        return true;
    }

    /// <summary>Original length 4, packet: of the section's first interface, without a time (the last one seen stands in).</summary>
    private bool TakeSimplePacket(ReadOnlySpan<byte> body, FlowBatch batch)
    {
        const int header = 4;
        if (body.Length < header)
        {
            Report("packet", body.Length);
            return true;
        }
        if (_interfaces.Count == 0) return CountUnknownInterface(0);
        var from = _interfaces[0];
        if (batch.Count > 0 && batch.LinkType != from.LinkType) return false;
        var original = U32(body);
        var captured = Math.Min(Math.Min(original, (uint)(body.Length - header)), CapturedPacket.Longest);
        if (from.SnapLength != 0) captured = Math.Min(captured, from.SnapLength);
        Take(body, header, (int)captured, original, from.LinkType, batch);
        return true;
    }

    private void Take(ReadOnlySpan<byte> body, int header, int captured, uint original, int linkType, FlowBatch batch)
    {
        var packet = new CapturedPacket(_window.Start + 8 + header, captured, original, linkType, _lastTime);
        if (!packet.AddTo(batch, body.Slice(header, captured))) Skipped++;
        Packets++;
    }

    private bool CountUnknownInterface(uint number)
    {
        Packets++;
        Skipped++;
        if (!_unknownInterfaceReported) _problems.Add($"packet at octet {Position} is of interface {number}, which the section does not describe");
        _unknownInterfaceReported = true;
        return true;
    }

    private bool TakeByteOrder(ReadOnlySpan<byte> magic)
    {
        var value = BinaryPrimitives.ReadUInt32LittleEndian(magic);
        _swapped = value != ByteOrderMagic;
        if (!_swapped || BinaryPrimitives.ReverseEndianness(value) == ByteOrderMagic) return true;
        Stop($"section at octet {Position} has byte-order magic {value:x8}: the rest of the file cannot be read");
        return false;
    }

    /// <summary>Passes over a block that no packet needs: name tables, secrets, custom data. Its second length is not checked.</summary>
    private void SkipHugeBlock(uint type, uint length)
    {
        if (type is SectionHeader or InterfaceDescription or EnhancedPacket or ObsoletePacket or SimplePacket)
            Report("block of packets or interfaces", length);
        if (type == SectionHeader) _interfaces.Clear();
        _skipLeft = length;
    }

    private void Report(string what, long octets)
    {
        if (_problems.HasRoom) _problems.Add($"{what} at octet {Position} does not fit its block of {octets} octets");
    }

    private uint U32(ReadOnlySpan<byte> bytes)
    {
        var value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return _swapped ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    /// <summary>The stream gave no more: at a block's end, or inside one.</summary>
    private void End()
    {
        _ended = true;
        if (_window.Damage is { } damage) _problems.Add($"gzip content ends at octet {Position}: {damage}");
        var rest = _window.Unread;
        if (_skipLeft > 0) _problems.Add($"truncated at octet {Position}: a block lacks its last {_skipLeft} octets");
        else if (rest.Length is > 0 and < BlockFrame) _problems.Add($"truncated at octet {Position + rest.Length}: a block has at least {BlockFrame} octets, this has {rest.Length}");
        else if (rest.Length > 0) _problems.Add($"truncated at octet {Position + rest.Length}: block of {U32(rest[4..])} octets has {rest.Length}");
        else if (Position == 0) _problems.Add("the file is empty");
    }

    private void Stop(string problem)
    {
        _ended = true;
        _problems.Add(problem);
    }
}
