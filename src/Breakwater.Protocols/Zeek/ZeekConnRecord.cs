using System.Buffers.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Zeek;

/// <summary>Makes flows of one record of a conn.log, whose fields were found by either of its two writers' rules.</summary>
/// <remarks>Zeek, base/protocols/conn/main.zeek, record Conn::Info.</remarks>
internal static class ZeekConnRecord
{
    public static readonly string[] Columns =
    [
        "ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "duration", "conn_state", "history",
        "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes", "orig_bytes", "resp_bytes", "ip_proto",
    ];

    public const int Time = 0;
    public const int OrigHost = 1;
    private const int OrigPort = 2;
    public const int RespHost = 3;
    private const int RespPort = 4;
    public const int Protocol = 5;
    private const int Duration = 6;
    private const int State = 7;
    private const int History = 8;
    public const int OrigPackets = 9;
    private const int OrigIpBytes = 10;
    private const int RespPackets = 11;
    private const int RespIpBytes = 12;
    private const int OrigBytes = 13;
    private const int RespBytes = 14;
    private const int IpProtocol = 15;

    private const byte Icmp = 1;
    private const byte Tcp = 6;
    private const byte Icmpv6 = 58;

    /// <returns>False when the line has no addresses, no time, or no packets.</returns>
    public static bool AddTo(FlowBatch batch, ReadOnlySpan<byte> line, ReadOnlySpan<Range> fields)
    {
        var forward = new Flow();
        var reverse = new Flow();
        if (!TimeText.TryParse(line[fields[Time]], out forward.Start)) return false;
        if (!AddressText.TryParse(line[fields[OrigHost]], out forward.Source)) return false;
        if (!AddressText.TryParse(line[fields[RespHost]], out forward.Destination)) return false;

        // Unset fields ("-") read as 0: a connection of one packet has no duration.
        TimeText.TrySeconds(line[fields[Duration]], out var duration);
        forward.End = new Timestamp(forward.Start.Nanoseconds + Math.Clamp(duration, 0, long.MaxValue - Math.Max(0, forward.Start.Nanoseconds)));
        forward.Packets = Count(line[fields[OrigPackets]]);
        reverse.Packets = Count(line[fields[RespPackets]]);
        // Payload stands in for octets at the IP layer in logs that lack them.
        if (!TryCount(line[fields[OrigIpBytes]], out forward.Bytes)) forward.Bytes = Count(line[fields[OrigBytes]]);
        if (!TryCount(line[fields[RespIpBytes]], out reverse.Bytes)) reverse.Bytes = Count(line[fields[RespBytes]]);

        // Zeek 7.1 adds the number; before, "unknown_transport" is all that is known of protocols other than these three.
        if (!IpProtocolNames.TryParse(line[fields[IpProtocol]], out forward.Protocol))
            IpProtocolNames.TryParse(line[fields[Protocol]], out forward.Protocol);
        if (forward.Protocol == Icmp && !forward.Source.IsV4) forward.Protocol = Icmpv6;
        var origPort = Port(line[fields[OrigPort]]);
        var respPort = Port(line[fields[RespPort]]);
        if (forward.Protocol is Icmp or Icmpv6)
        {
            SetIcmp(origPort, respPort, forward.Protocol, ref forward, ref reverse);
        }
        else
        {
            (forward.SourcePort, forward.DestinationPort) = (origPort, respPort);
            (reverse.SourcePort, reverse.DestinationPort) = (respPort, origPort);
        }
        if (forward.Protocol == Tcp)
        {
            var history = line[fields[History]];
            if (history.IsEmpty || history[0] is (byte)'-' or (byte)'(') ZeekTcp.FromState(line[fields[State]], ref forward, ref reverse);
            else ZeekTcp.FromHistory(history, ref forward, ref reverse);
        }
        return BidirectionalRecord.AddTo(batch, ref forward, ref reverse);
    }

    /// <summary>
    /// Zeek puts the type into the originator's port and the code into the responder's, except for the types that have an answer:
    /// there the responder's port is the answer's type.
    /// </summary>
    private static void SetIcmp(int type, int codeOrAnswer, byte protocol, ref Flow forward, ref Flow reverse)
    {
        var answer = IcmpAnswers.To(protocol, type);
        forward.DestinationPort = (ushort)((type & 0xFF) << 8 | (answer >= 0 ? 0 : codeOrAnswer & 0xFF));
        reverse.DestinationPort = (ushort)(answer >= 0 ? answer << 8 : forward.DestinationPort);
    }

    private static bool TryCount(ReadOnlySpan<byte> text, out long value)
    {
        if (!Utf8Parser.TryParse(text, out value, out var used) || used != text.Length) return false;
        value = Math.Clamp(value, 0, BidirectionalRecord.LargestCount);
        return true;
    }

    private static long Count(ReadOnlySpan<byte> text) => TryCount(text, out var value) ? value : 0;

    private static ushort Port(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out ushort value, out var used) && used == text.Length ? value : (ushort)0;
}
