using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Server.Reports;

/// <summary>A report in which every field holds something, and a hostile file name.</summary>
internal static class SampleReport
{
    public const string HostileName = "/tmp/<script>alert(1)</script>\u001b[31m&.pcap";

    private static readonly Timestamp Start = Timestamp.FromUnixSeconds(1_621_090_240);

    public static AnalysisReport Quiet { get; } = new()
    {
        Files = ["quiet.pcap"],
        Format = "pcap",
        Packets = 0,
        Flows = 0,
        Bytes = 0,
        Home = [],
        HomeInferred = false,
        Problems = [],
        Incidents = [],
        Series = [],
        PointWidth = TimeSpan.FromSeconds(1),
        TopTalkers = [],
    };

    public static AnalysisReport Attack { get; } = Quiet with
    {
        Files = [HostileName],
        Packets = 123_456,
        Flows = 0,
        Bytes = 98_765_432,
        From = Start,
        To = Start + TimeSpan.FromSeconds(60),
        Home = [Prefix.Parse("192.0.2.0/24")],
        HomeInferred = true,
        Problems = ["truncated at octet 1204: packet of 74 octets has <12>"],
        Incidents = [Reflection, Scan],
        Series = [.. Enumerable.Range(0, 60).Select(i => new TrafficPoint(Start + TimeSpan.FromSeconds(i), Classes(i), 100_000))],
        PointWidth = TimeSpan.FromSeconds(1),
        TopTalkers = [new(IpAddr.Parse("192.0.2.7"), 100, 90_000, 10_000, 90_000_000), new(IpAddr.Parse("2001:db8::5"), 10, 0, 5_000, 0)],
    };

    private static Incident Reflection => new()
    {
        Id = "d-0123456789ab",
        Kind = IncidentKind.Ddos,
        State = IncidentState.Ended,
        Severity = Severity.High,
        Confidence = 0.93,
        Target = Prefix.Parse("192.0.2.7"),
        Host = IpAddr.Parse("192.0.2.7"),
        Sources = [IpAddr.Parse("198.51.100.1"), IpAddr.Parse("2001:db8::53")],
        SourceCount = 1234,
        SourceCountError = 0.02,
        SourcePrefixes = [new(Prefix.Parse("198.51.100.0/24"), 0.61), new(Prefix.Parse("203.0.113.9"), 0.2)],
        Vectors = ["dns-amplification", "fragment-flood"],
        Start = Start + TimeSpan.FromSeconds(20),
        LastSeen = Start + TimeSpan.FromSeconds(45.5),
        DetectedAt = Start + TimeSpan.FromSeconds(20.4),
        PeakBitsPerSecond = 812_000_000,
        PeakPacketsPerSecond = 120_400,
        Packets = 110_000,
        Bytes = 90_000_000,
        SampledPackets = 1_100,
        RelativeError = 0.059,
        Quality = DataQuality.Coarse,
        Pulses = 3,
        Explanation = "DNS answers that nobody asked for: 97 % of the packets to 192.0.2.7 came from port 53 of 1,234 servers & were <large>.",
        Findings =
        [
            new Finding
            {
                Detector = "reflection", Kind = IncidentKind.Ddos, Target = Prefix.Parse("192.0.2.7"), Vector = "dns-amplification", From = Start, To = Start,
                Confidence = 0.93, Severity = Severity.High, Because = "answers from port 53 120,400/s > 1,000/s", Counterfactual = "would not have fired at 120,401/s",
            },
        ],
        Evidence = new Evidence([new Flow { Source = IpAddr.Parse("198.51.100.1"), Destination = IpAddr.Parse("192.0.2.7"), SourcePort = 53, DestinationPort = 4444, Protocol = 17, Packets = 1, Bytes = 1500, Start = Start, End = Start }], [], 1),
        Mitigations =
        [
            new(new TrafficMatch { Destination = Prefix.Parse("192.0.2.7"), Protocols = [17], SourcePorts = [53], PacketLengths = [new ValueRange(1200, 1500)] }, MitigationAction.Drop, 0.973, 0.004),
            new(new TrafficMatch { Destination = Prefix.Parse("192.0.2.7") }, MitigationAction.RateLimit, 1, null) { RateBitsPerSecond = 5_000_000 },
        ],
    };

    private static Incident Scan => new()
    {
        Id = "s-1",
        Kind = IncidentKind.Scan,
        State = IncidentState.Open,
        Severity = Severity.Low,
        Confidence = 0.5,
        Host = IpAddr.Parse("203.0.113.9"),
        Start = Start,
        LastSeen = Start,
        DetectedAt = Start,
        Packets = 200,
        Explanation = "Tried many ports.",
    };

    private static long[] Classes(int second) => [10, 5, 300 + second, second is >= 20 and < 46 ? 1900 : 40, 3, second is >= 20 and < 46 ? 400 : 0, 0];
}
