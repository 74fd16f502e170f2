using System.Text.RegularExpressions;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Captures;

namespace Breakwater.Tests.Protocols.Bgp;

/// <summary>BGP sessions that were captured, against what tcpdump and pmacct made of them.</summary>
public partial class CapturedSessionTests
{
    private static readonly UpdateContext FourOctets = new(FourOctetAs: true, Internal: true);

    [SharedDataTheory("vectors/bgp")]
    [InlineData("bgp-aigp.pcap")]
    [InlineData("bgp-bfd-cease.pcap")]
    [InlineData("bgp-encap.pcap")]
    [InlineData("bgp-enhanced-route-refresh-subtype.pcapng")]
    [InlineData("bgp-enhanced-route-refresh.pcapng")]
    [InlineData("bgp-evpn.pcap")]
    [InlineData("bgp-extended-msg.pcapng")]
    [InlineData("bgp-extended-optional-parameters-length.pcapng")]
    [InlineData("bgp-extended-shutdown-msg.pcapng")]
    [InlineData("bgp-lu-multiple-labels.pcap")]
    [InlineData("bgp-malformed-hard-reset.pcap")]
    [InlineData("bgp-orf.pcapng")]
    [InlineData("bgp-ovs.pcapng")]
    [InlineData("bgp-rt-prefix.pcap")]
    [InlineData("bgp-shutdown-msg-variations.pcap")]
    [InlineData("mpbgp-linklocal-nexthop.pcap")]
    public void Finds_the_messages_and_routes_that_tcpdump_finds(string name)
    {
        var printed = File.ReadAllText(SharedData.Path("vectors", "bgp", "tcpdump", Path.GetFileNameWithoutExtension(name) + ".out"));
        var messages = Payloads("tcpdump", name).SelectMany(Messages).ToArray();
        Assert.Equal(MessageLine().Matches(printed).Select(m => m.Groups["type"].Value), messages.Select(m => TcpdumpName(m.Type)));

        var routes = messages.Where(m => m.Type == BgpMessageType.Update).Select(m => UpdateDecoder.Decode(m.Body, FourOctets).Update)
            .SelectMany(u => u.Withdrawn.Concat(u.Announced)).Select(r => r.ToString());
        Assert.Equal(PlainRoutes().Matches(printed).SelectMany(m => RouteLine().Matches(m.Value)).Select(m => m.Groups["route"].Value), routes);

        foreach (var (type, body) in messages)
        {
            if (type != BgpMessageType.Open) continue;
            Assert.Null(BgpOpen.Decode(body, out var open));
            Assert.Contains($"my AS {Math.Min(open.As, ushort.MaxValue)}, Holdtime {open.HoldTime}s, ID {Breakwater.Core.Net.IpAddr.V4(open.Identifier)}", printed, StringComparison.Ordinal);
        }
        foreach (var (_, body) in messages.Where(m => m.Type == BgpMessageType.Notification))
            if (BgpNotification.Decode(body).Communication is { } text) Assert.Contains($"\"{text}\"", printed, StringComparison.Ordinal);
    }

    [SharedDataFact("vectors/bgp")]
    public void Survives_every_damaged_message_that_tcpdumps_tests_hold()
    {
        var (messages, refused) = (0, 0);
        foreach (var file in Directory.EnumerateFiles(SharedData.Path("vectors", "bgp", "tcpdump"), "*.pcap*"))
        {
            foreach (var (type, body) in Payloads("tcpdump", Path.GetFileName(file)).SelectMany(Messages))
            {
                messages++;
                refused += type switch
                {
                    BgpMessageType.Open => BgpOpen.Decode(body, out _) is null ? 0 : 1,
                    BgpMessageType.Update => UpdateDecoder.Decode(body, FourOctets).Reaction == UpdateReaction.None ? 0 : 1,
                    BgpMessageType.RouteRefresh => BgpRouteRefresh.Decode(body, out _) is null ? 0 : 1,
                    _ => 0,
                };
            }
        }
        Assert.True(messages > 200 && refused > 20, $"{messages} messages, {refused} refused");
    }

    [SharedDataFact("vectors/bgp")]
    public void Refuses_the_messages_of_wrong_lengths_that_fuzzing_found_in_another_speaker()
    {
        foreach (var file in Directory.EnumerateFiles(SharedData.Path("vectors", "bgp", "gobgp", "bad-len")))
        {
            var bytes = File.ReadAllBytes(file);
            var refused = BgpFraming.Read(bytes, extended: false, out var type, out var length, out _) != BgpFrameStatus.Complete;
            if (!refused)
            {
                var body = bytes.AsSpan(BgpFraming.HeaderLength, length - BgpFraming.HeaderLength);
                refused = type == BgpMessageType.Open ? BgpOpen.Decode(body, out _) is not null : UpdateDecoder.Decode(body, FourOctets).Reaction != UpdateReaction.None;
            }
            Assert.True(refused, Path.GetFileName(file));
        }
    }

    [SharedDataTheory("vectors/bgp")]
    [InlineData("300-BGP-IPv6-CISCO-extNH_enc")]
    [InlineData("301-BGP-CISCO-pretag")]
    public void Reads_sessions_of_real_routers_without_fault(string name)
    {
        var printed = File.ReadLines(SharedData.Path("vectors", "bgp", "pmacct", name, "output-bgp-00.json"));
        var expected = printed.Count(l => l.Contains("\"log_type\": \"update\"", StringComparison.Ordinal));
        var routes = 0;
        foreach (var (type, body) in Payloads("pmacct", name, "traffic-00.pcap").SelectMany(Messages))
        {
            if (type == BgpMessageType.Open)
            {
                Assert.Null(BgpOpen.Decode(body, out _));
                continue;
            }
            if (type != BgpMessageType.Update) continue;
            var decoded = UpdateDecoder.Decode(body, FourOctets);
            Assert.True(decoded.Reaction <= UpdateReaction.AttributeDiscard, decoded.Problem);
            routes += decoded.Update.Announced.Count + (decoded.Update.Reach?.Routes.Count ?? 0);
        }
        Assert.Equal(expected, routes);
    }

    private static IEnumerable<byte[]> Payloads(params string[] path)
    {
        if (path[^1] == "bgp-aigp.pcap")
        {
            // A link type of one vendor's routers, which we do not read: the messages are found by their markers.
            yield return File.ReadAllBytes(SharedData.Path(["vectors", "bgp", .. path]));
            yield break;
        }
        using var stream = File.OpenRead(SharedData.Path(["vectors", "bgp", .. path]));
        using var reader = CaptureFormats.Open(stream, path[^1]);
        var batch = new FlowBatch();
        while (true)
        {
            batch.Clear();
            var more = reader.Read(batch);
            for (var i = 0; i < batch.Count; i++)
                if (batch.Flows[i].Protocol == 6) yield return TcpPayload(batch.PacketOf(i, out _), batch.Flows[i]);
            if (!more) yield break;
        }
    }

    /// <summary>Behind the ports of the flow, found in the packet, as far as the IP length reaches.</summary>
    private static byte[] TcpPayload(ReadOnlySpan<byte> packet, in Flow flow)
    {
        ReadOnlySpan<byte> ports = [(byte)(flow.SourcePort >> 8), (byte)flow.SourcePort, (byte)(flow.DestinationPort >> 8), (byte)flow.DestinationPort];
        var tcp = packet.IndexOf(ports);
        var start = tcp + (packet[tcp + 12] >> 4) * 4;
        return start < packet.Length ? packet[start..].ToArray() : [];
    }

    private static IEnumerable<(BgpMessageType Type, byte[] Body)> Messages(byte[] payload)
    {
        for (var at = 0; at < payload.Length;)
        {
            var status = BgpFraming.Read(payload.AsSpan(at), extended: true, out var type, out var length, out _);
            if (status == BgpFrameStatus.Complete)
            {
                yield return (type, payload[(at + BgpFraming.HeaderLength)..(at + length)]);
                at += length;
                continue;
            }
            // Like tcpdump, go on at the next marker.
            var next = payload.AsSpan(at + 1).IndexOf(Enumerable.Repeat((byte)0xFF, 16).ToArray());
            if (next < 0) yield break;
            at += 1 + next;
        }
    }

    private static string TcpdumpName(BgpMessageType type) => type switch
    {
        BgpMessageType.RouteRefresh => "Route Refresh",
        _ => type.ToString(),
    };

    [GeneratedRegex(@"(?<type>Open|Update|Notification|Keepalive|Route Refresh) Message \(\d\), length")]
    private static partial Regex MessageLine();

    [GeneratedRegex(@"(Withdrawn|Updated) routes:\r?\n(\t    \S+.*\n?)+")]
    private static partial Regex PlainRoutes();

    [GeneratedRegex(@"\t    (?<route>\d\S+/\d+)")]
    private static partial Regex RouteLine();
}
