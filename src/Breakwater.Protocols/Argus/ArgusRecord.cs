using System.Buffers.Text;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Argus;

/// <summary>Makes flows of one line of what Argus' client ra prints.</summary>
/// <remarks>Field names and states: ra(1). Octets are counted from the Ethernet header, which is subtracted here.</remarks>
internal static class ArgusRecord
{
    public static readonly string[] Columns =
    [
        "StartTime", "Dur", "Proto", "SrcAddr", "Sport", "Dir", "DstAddr", "Dport", "State", "sTos", "dTos",
        "TotPkts", "TotBytes", "SrcPkts", "DstPkts", "SrcBytes", "DstBytes",
    ];

    public const int StartTime = 0;
    private const int Duration = 1;
    public const int Protocol = 2;
    public const int SourceAddress = 3;
    private const int SourcePort = 4;
    public const int DestinationAddress = 6;
    private const int DestinationPort = 7;
    private const int State = 8;
    private const int SourceTos = 9;
    private const int DestinationTos = 10;
    private const int TotalPackets = 11;
    private const int TotalBytes = 12;
    private const int SourcePackets = 13;
    private const int DestinationPackets = 14;
    private const int SourceBytes = 15;
    private const int DestinationBytes = 16;

    private const int EthernetHeader = 14;

    /// <summary>Shortest and longest frames that the capture behind a record can have counted: a bare IPv4 and UDP header, a full frame.</summary>
    private const int ShortestFrame = 42;
    private const int LongestFrame = 1514;

    /// <returns>False when the line has no IP addresses, no time, or no packets.</returns>
    public static bool AddTo(FlowBatch batch, ReadOnlySpan<byte> line, ReadOnlySpan<Range> fields)
    {
        var forward = new Flow();
        var reverse = new Flow();
        if (!TimeText.TryParse(line[fields[StartTime]], out forward.Start)) return false;
        if (!AddressText.TryParse(line[fields[SourceAddress]], out forward.Source)) return false;
        if (!AddressText.TryParse(line[fields[DestinationAddress]], out forward.Destination)) return false;
        TimeText.TrySeconds(line[fields[Duration]], out var duration);
        forward.End = new Timestamp(forward.Start.Nanoseconds + Math.Clamp(duration, 0, long.MaxValue - Math.Max(0, forward.Start.Nanoseconds)));

        var protocol = line[fields[Protocol]];
        IpProtocolNames.TryParse(protocol, out forward.Protocol);
        if (Ascii.EqualsIgnoreCase(protocol, "arp") || Ascii.EqualsIgnoreCase(protocol, "rarp")) forward.Flags |= FlowFlags.Arp;
        if (forward.Protocol == 1 && !forward.Source.IsV4) forward.Protocol = 58;
        forward.Tos = (byte)Count(line[fields[SourceTos]]);
        reverse.Tos = (byte)Count(line[fields[DestinationTos]]);
        if (forward.Protocol is 1 or 58)
        {
            forward.DestinationPort = IcmpOf(line[fields[SourcePort]], line[fields[DestinationPort]]);
            var answer = IcmpAnswers.To(forward.Protocol, forward.DestinationPort >> 8);
            reverse.DestinationPort = answer >= 0 ? (ushort)(answer << 8) : forward.DestinationPort;
        }
        else
        {
            (forward.SourcePort, forward.DestinationPort) = (Port(line[fields[SourcePort]]), Port(line[fields[DestinationPort]]));
            (reverse.SourcePort, reverse.DestinationPort) = (forward.DestinationPort, forward.SourcePort);
        }
        if (forward.Protocol == 6) ArgusTcp.FromState(line[fields[State]], ref forward, ref reverse);
        SetCounts(line, fields, ref forward, ref reverse);
        return BidirectionalRecord.AddTo(batch, ref forward, ref reverse);
    }

    /// <remarks>
    /// Totals and the source's octets are nearly always printed, packets by direction often not. Then an even split is taken, moved as far
    /// as needed for the frames of neither side to be longer or shorter than frames are. (By octets would be worse: whoever receives
    /// a download sends a packet for about every two.)
    /// </remarks>
    private static void SetCounts(ReadOnlySpan<byte> line, ReadOnlySpan<Range> fields, ref Flow forward, ref Flow reverse)
    {
        if (!Number(line[fields[TotalPackets]], out var packets)) packets = Count(line[fields[SourcePackets]]) + Count(line[fields[DestinationPackets]]);
        if (!Number(line[fields[TotalBytes]], out var bytes)) bytes = Count(line[fields[SourceBytes]]) + Count(line[fields[DestinationBytes]]);
        var sourceBytes = Number(line[fields[SourceBytes]], out var given) ? Math.Min(given, bytes)
            : Number(line[fields[DestinationBytes]], out given) ? bytes - Math.Min(given, bytes)
            : bytes;
        forward.Packets = Number(line[fields[SourcePackets]], out given) ? Math.Min(given, packets)
            : Number(line[fields[DestinationPackets]], out given) ? packets - Math.Min(given, packets)
            : SplitPackets(packets, sourceBytes, bytes - sourceBytes);
        reverse.Packets = packets - forward.Packets;
        forward.Bytes = Math.Max(0, sourceBytes - forward.Packets * EthernetHeader);
        reverse.Bytes = Math.Max(0, bytes - sourceBytes - reverse.Packets * EthernetHeader);
    }

    private static long SplitPackets(long packets, long sourceBytes, long destinationBytes)
    {
        if (destinationBytes == 0) return packets;
        if (sourceBytes == 0) return 0;
        var most = Math.Min(sourceBytes / ShortestFrame, packets - Frames(destinationBytes));
        var least = Math.Max(Frames(sourceBytes), packets - destinationBytes / ShortestFrame);
        return Math.Clamp(least <= most ? Math.Clamp((packets + 1) / 2, least, most) : (packets + 1) / 2, 0, packets);
    }

    private static long Frames(long bytes) => (bytes + LongestFrame - 1) / LongestFrame;

    /// <summary>
    /// Older clients print code and type as one number of four digits (0x0103: host unreachable) and an identifier where the port
    /// would be; newer ones type and code apart (0x03 and 0x01, or 3 and 1).
    /// </summary>
    private static ushort IcmpOf(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        int value = Port(source);
        if (source.Length == 6) return (ushort)((value & 0xFF) << 8 | value >> 8);
        var code = Port(destination);
        return (ushort)((value & 0xFF) << 8 | (code <= 0xFF ? code : 0));
    }

    private static ushort Port(ReadOnlySpan<byte> text)
    {
        var hexadecimal = text.StartsWith("0x"u8);
        var digits = hexadecimal ? text[2..] : text;
        return Utf8Parser.TryParse(digits, out ushort port, out var used, hexadecimal ? 'x' : 'D') && used == digits.Length ? port : (ushort)0;
    }

    private static bool Number(ReadOnlySpan<byte> text, out long value)
    {
        if (!Utf8Parser.TryParse(text, out value, out var used) || used != text.Length) return false;
        value = Math.Clamp(value, 0, BidirectionalRecord.LargestCount);
        return true;
    }

    private static long Count(ReadOnlySpan<byte> text) => Number(text, out var value) ? value : 0;
}
