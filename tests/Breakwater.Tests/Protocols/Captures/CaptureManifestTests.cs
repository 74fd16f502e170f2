using System.Globalization;
using System.Net;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Captures;

namespace Breakwater.Tests.Protocols.Captures;

/// <summary>Real captures and flow files against what other programs (tshark, Zeek's and Argus' own tools) measured in them.</summary>
public class CaptureManifestTests
{
    private static readonly Dictionary<string, JsonElement> _entries = Load();

    public static TheoryData<string> PacketFiles => [.. _entries.Where(e => e.Value.TryGetProperty("packets", out _)).Select(e => e.Key)];

    public static TheoryData<string> FlowFiles =>
        [.. _entries.Where(e => e.Value.TryGetProperty("flows", out _) && !e.Key.EndsWith(".nfdump", StringComparison.Ordinal)).Select(e => e.Key)];

    private static Dictionary<string, JsonElement> Load()
    {
        if (!SharedData.Has("captures")) return [];
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("captures", "manifest.json")));
        return manifest.RootElement.GetProperty("captures").EnumerateArray().ToDictionary(c => c.GetProperty("file").GetString()!, c => c.Clone());
    }

    private static ICaptureReader Open(string file) => CaptureFormats.Open(File.OpenRead(SharedData.Path("captures", file)), file);

    [SharedDataTheory("captures"), MemberData(nameof(PacketFiles))]
    public void Sees_the_packets_that_tshark_sees(string file)
    {
        var entry = _entries[file];
        var measured = entry.GetProperty("measured");
        using var reader = Open(file);
        var seen = new Census(reader);

        // Two of the files really end in the middle of a packet.
        Assert.All(reader.Problems, p => Assert.StartsWith($"truncated at octet {new FileInfo(SharedData.Path("captures", file)).Length}", p, StringComparison.Ordinal));
        Assert.Equal(entry.GetProperty("packets").GetInt64(), reader.Packets);
        // Packets that are neither IP nor ARP (spanning tree, IPv6 over LLC …) make no flow: the manifest measures them too.
        AssertSpan((Time(entry, "start"), Time(entry, "end")), (Milliseconds(seen.First), Milliseconds(seen.Last)), exact: reader.Skipped == 0);
        if (reader.Skipped == 0) Assert.Equal(measured.GetProperty("frame_bytes").GetInt64(), seen.FrameOctets);
        Assert.Equal(measured.GetProperty("arp_frames").GetInt64(), seen.Arp);
        // The manifest counts outer addresses of tunnels, we the inner ones.
        AssertWithin(seen.Tunnelled, measured.GetProperty("distinct_src_ip").GetInt32(), seen.Sources.Count);
        AssertWithin(seen.Tunnelled, measured.GetProperty("distinct_dst_ip").GetInt32(), seen.Destinations.Count);
        AssertHeaviest(measured.GetProperty("top_src"), seen.Sources, seen.Tunnelled);
        AssertHeaviest(measured.GetProperty("top_dst"), seen.Destinations, seen.Tunnelled);

        var protocols = measured.GetProperty("protocols");
        AssertCount(Of(protocols, "tcp") + Of(protocols, "p6"), seen.Of(6), seen.IcmpErrors, "TCP");
        // tshark calls a fragment "p17" until it can reassemble the datagram at its last one.
        AssertCount(Of(protocols, "udp") + Of(protocols, "p17"), seen.Of(17), seen.IcmpErrors, "UDP");
        var flags = measured.GetProperty("tcp_flags");
        if (flags.TryGetProperty("S", out var syn)) AssertCount(syn.GetInt64(), seen.Syn, seen.IcmpErrors, "SYN");
        if (flags.TryGetProperty("SA", out var synAck)) AssertCount(synAck.GetInt64(), seen.SynAck, seen.IcmpErrors, "SYN-ACK");
    }

    /// <summary>The manifest counts an ICMP error as what it quotes: tshark shows the quoted header's fields as well. We count it as ICMP.</summary>
    private static void AssertCount(long expected, long seen, long icmpErrors, string what) =>
        Assert.True(seen <= expected && expected <= seen + icmpErrors, $"{what}: {seen} seen, {expected} expected, {icmpErrors} ICMP errors");

    [SharedDataTheory("captures"), MemberData(nameof(FlowFiles))]
    public void Sees_the_records_that_the_tools_of_their_authors_see(string file)
    {
        var entry = _entries[file];
        var measured = entry.GetProperty("measured");
        using var reader = Open(file);
        var records = 0L;
        var sources = new Dictionary<IpAddr, long>();
        var (first, last) = (Timestamp.Max, Timestamp.Min);
        var batch = new FlowBatch();
        while (reader.Read(batch))
            foreach (ref readonly var flow in batch.Flows)
            {
                if ((flow.Flags & FlowFlags.Reverse) != 0) continue;
                records++;
                sources[flow.Source] = sources.GetValueOrDefault(flow.Source) + 1;
                if (flow.Start < first) first = flow.Start;
                if (flow.Start > last) last = flow.Start;
            }
        Assert.Equal(entry.GetProperty("flows").GetInt64(), records + reader.Skipped);
        // Records without packets or of link-layer protocols.
        Assert.InRange(reader.Skipped, 0, records / 500);
        AssertSpan((Time(measured, "first_flow"), Time(measured, "last_flow")), (Seconds(first), Seconds(last)), exact: reader.Skipped == 0);
        var top = measured.GetProperty("top_src")[0];
        // Records of a lone reverse half begin at the other end.
        Assert.InRange(sources[IpAddr.Parse(top.GetProperty("ip").GetString()!)], top.GetProperty("flows").GetInt64() - 50, top.GetProperty("flows").GetInt64() + 50);
    }

    [SharedDataFact("captures")]
    public void Refuses_an_nfdump_file_with_a_hint() =>
        Assert.Contains("nfreplay", Assert.Throws<UnknownCaptureFormatException>(() => Open("flow-single-port-attempts.nfdump")).Message);

    [SharedDataFact("captures")]
    public void Sees_every_fragment_and_every_authentication_header()
    {
        var victim = IpAddr.Parse("10.10.10.10");
        Assert.Equal(1209, Count("ddos-dns-rrsig-reflection-mixed.pcap", f => f.Destination == victim && (f.Flags & FlowFlags.Fragment) != 0));
        var six = IpAddr.Parse("2001:db8:1::1");
        Assert.Equal(35690, Count("ddos-ipv6-ah-flood.pcap", f => f.Destination == six && (f.Flags & FlowFlags.AuthenticationHeader) != 0));
        Assert.Equal(25, Count("scan-icmp-sweep-small.pcap", f => f.Protocol == 1 && f.DestinationPort == 8 * 256));
    }

    private static long Count(string file, Func<Flow, bool> predicate)
    {
        using var reader = Open(file);
        var batch = new FlowBatch();
        var count = 0L;
        while (reader.Read(batch))
            foreach (var flow in batch.Flows)
                if (predicate(flow)) count++;
        return count;
    }

    private static void AssertSpan((DateTime First, DateTime Last) expected, (DateTime First, DateTime Last) seen, bool exact)
    {
        if (exact) Assert.Equal(expected, seen);
        Assert.InRange(seen.First, expected.First, expected.Last);
        Assert.InRange(seen.Last, expected.First, expected.Last);
    }

    private static void AssertWithin(long slack, long expected, long seen) => Assert.InRange(seen, expected - slack, expected + slack);

    private static void AssertHeaviest(JsonElement top, Dictionary<IpAddr, long> seen, long slack)
    {
        foreach (var entry in top.EnumerateArray())
        {
            var address = IpAddr.From(IPAddress.Parse(entry.GetProperty("ip").GetString()!));
            AssertWithin(slack, entry.GetProperty("packets").GetInt64(), seen.GetValueOrDefault(address));
        }
    }

    private static long Of(JsonElement protocols, string name) => protocols.TryGetProperty(name, out var count) ? count.GetInt64() : 0;

    private static DateTime Time(JsonElement entry, string name) =>
        DateTime.Parse(entry.GetProperty(name).GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal) is var time
            && name.Contains("flow", StringComparison.Ordinal) ? time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond)) : time;

    private static DateTime Milliseconds(Timestamp time) => DateTime.UnixEpoch.AddMilliseconds(time.Milliseconds);

    private static DateTime Seconds(Timestamp time) => DateTime.UnixEpoch.AddSeconds(time.Milliseconds / 1000);

    /// <summary>Counts of one capture, taken the way the manifest's were.</summary>
    private sealed class Census
    {
        private readonly long[] _protocols = new long[256];

        public Census(ICaptureReader reader)
        {
            var batch = new FlowBatch();
            while (reader.Read(batch))
                for (var i = 0; i < batch.Count; i++)
                {
                    batch.PacketOf(i, out var length);
                    FrameOctets += length;
                    Add(batch.Flows[i]);
                }
        }

        public Dictionary<IpAddr, long> Sources { get; } = [];
        public Dictionary<IpAddr, long> Destinations { get; } = [];
        public Timestamp First { get; private set; } = Timestamp.Max;
        public Timestamp Last { get; private set; } = Timestamp.Min;
        public long FrameOctets { get; private set; }
        public long Arp { get; private set; }
        public long Syn { get; private set; }
        public long SynAck { get; private set; }
        public long IcmpErrors { get; private set; }
        public long Tunnelled { get; private set; }

        public long Of(byte protocol) => _protocols[protocol];

        private void Add(in Flow flow)
        {
            if (flow.Start < First) First = flow.Start;
            if (flow.End > Last) Last = flow.End;
            if ((flow.Flags & FlowFlags.Arp) != 0)
            {
                Arp++;
                return;
            }
            if ((flow.Flags & FlowFlags.Tunnelled) != 0) Tunnelled++;
            _protocols[flow.Protocol]++;
            Sources[flow.Source] = Sources.GetValueOrDefault(flow.Source) + 1;
            Destinations[flow.Destination] = Destinations.GetValueOrDefault(flow.Destination) + 1;
            if ((flow.TcpFlags & 0x17) == 0x02) Syn++;
            if ((flow.TcpFlags & 0x17) == 0x12) SynAck++;
            if (flow.Protocol == 1 && flow.DestinationPort >> 8 is 3 or 4 or 5 or 11 or 12) IcmpErrors++;
            if (flow.Protocol == 58 && flow.DestinationPort >> 8 < 128) IcmpErrors++;
        }
    }
}
