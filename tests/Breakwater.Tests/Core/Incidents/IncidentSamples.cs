using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Incidents;

/// <summary>Incidents for tests: one plain, and any number of arbitrary ones that use every field.</summary>
internal static class IncidentSamples
{
    public static Timestamp Noon { get; } = Timestamp.FromUnixSeconds(1_750_000_000);

    /// <summary>A DNS amplification against 192.0.2.7, open, with one finding, one mitigation, two flows and one packet.</summary>
    public static Incident DnsAmplification(string id = "ddos-1", Timestamp? start = null, IncidentState state = IncidentState.Open) => new()
    {
        Id = id,
        Kind = IncidentKind.Ddos,
        State = state,
        Severity = Severity.High,
        Confidence = 0.97,
        Target = Prefix.Parse("192.0.2.7"),
        Host = IpAddr.Parse("192.0.2.7"),
        HostGroup = "servers",
        Sources = [IpAddr.Parse("198.51.100.1"), IpAddr.Parse("203.0.113.9")],
        SourceCount = 2300,
        SourceCountError = 0.02,
        SourcePrefixes = [new SourcePrefix(Prefix.Parse("198.51.100.0/24"), 0.6)],
        ForgedShare = 0.14,
        QualityNotes = [new QualityNote(QualityIssue.DataLost, "198.51.100.1", 0.012, "1.2 % was lost")],
        Rhythm = new PulseRhythm(43, 0.07, 40, 45, 5),
        Vectors = ["dns-amplification", "fragment-flood"],
        Start = start ?? Noon,
        DetectedAt = (start ?? Noon) + TimeSpan.FromMilliseconds(200),
        LastSeen = (start ?? Noon) + TimeSpan.FromSeconds(30),
        End = state == IncidentState.Ended ? (start ?? Noon) + TimeSpan.FromSeconds(30) : null,
        PeakBitsPerSecond = 1.25e9,
        PeakPacketsPerSecond = 110_000,
        Packets = 3_000_000,
        Bytes = 4_200_000_000,
        SampledPackets = 3000,
        RelativeError = 0.036,
        Quality = DataQuality.Good,
        Explanation = "About 2,300 DNS servers answered questions that 192.0.2.7 never asked: 1.25 Gbit/s at the peak.",
        Findings =
        [
            new Finding
            {
                Detector = "reflection", Kind = IncidentKind.Ddos, Target = Prefix.Parse("192.0.2.7"), Vector = "dns-amplification",
                From = start ?? Noon, To = (start ?? Noon) + TimeSpan.FromSeconds(5), PacketsPerSecond = 110_000, BitsPerSecond = 1.25e9,
                Share = 0.98, SampledPackets = 3000, Confidence = 0.97, Severity = Severity.High,
                Because = "UDP from port 53: 110,000/s > 5,000/s for 3 of 5 s",
                Counterfactual = "would not have fired below 5,000 packets/s",
                Inputs = [KeyValuePair.Create("packetsPerSecond", 110_000.0)],
            },
        ],
        Evidence = new Evidence(
            [AmplifiedAnswer("198.51.100.1", start ?? Noon), AmplifiedAnswer("203.0.113.9", start ?? Noon)],
            [new EvidencePacket(start ?? Noon, [1, 2, 3, 4, 5], 1400)], 1),
        Mitigations =
        [
            new ProposedMitigation(
                new TrafficMatch { Destination = Prefix.Parse("192.0.2.7"), Protocols = [17], SourcePorts = [53] }, MitigationAction.Drop, 0.98, 0.01),
        ],
    };

    private static Flow AmplifiedAnswer(string from, Timestamp at) => new()
    {
        Source = IpAddr.Parse(from),
        Destination = IpAddr.Parse("192.0.2.7"),
        Protocol = 17,
        SourcePort = 53,
        DestinationPort = 40000,
        Packets = 1000,
        Bytes = 1_400_000,
        SampledPackets = 1,
        Start = at,
        End = at + TimeSpan.FromSeconds(1),
        Exporter = 3,
        Ttl = 57,
    };

    /// <summary>An incident with arbitrary content in every field, from a seed.</summary>
    public static Incident Arbitrary(int seed)
    {
        var random = new Random(seed);
        return new Incident
        {
            Id = $"i{random.Next(1_000_000)}",
            Kind = Any<IncidentKind>(random),
            State = Any<IncidentState>(random),
            Severity = Any<Severity>(random),
            Confidence = random.NextDouble(),
            Target = Maybe(random) ? AnyPrefix(random) : null,
            Host = Maybe(random) ? Address(random) : null,
            HostGroup = Words(random),
            Sources = Many(random, 100, Address),
            SourceCount = random.NextInt64(),
            SourceCountError = random.NextDouble(),
            ForgedShare = random.NextDouble(),
            TargetPrefixes = Many(random, 3, AnyPrefix),
            SourcePrefixes = Many(random, 5, r => new SourcePrefix(AnyPrefix(r), r.NextDouble())),
            Vectors = Many(random, 4, r => Vectors.All[r.Next(Vectors.All.Count)]),
            Start = Time(random),
            LastSeen = Time(random),
            End = Maybe(random) ? Time(random) : null,
            DetectedAt = Time(random),
            PeakBitsPerSecond = random.NextDouble() * 1e12,
            PeakPacketsPerSecond = random.NextDouble() * 1e9,
            Packets = random.NextInt64(),
            Bytes = random.NextInt64(),
            SampledPackets = random.NextInt64(),
            RelativeError = random.NextDouble(),
            Quality = Any<DataQuality>(random),
            Pulses = random.Next(),
            Explanation = Words(random),
            Findings = Many(random, 3, AnyFinding),
            Evidence = new Evidence(Many(random, 8, AnyFlow), Many(random, 4, Packet), random.Next(300)),
            Mitigations = Many(random, 3, Mitigation),
        };
    }

    private static Finding AnyFinding(Random random) => new()
    {
        Detector = Words(random),
        Kind = Any<IncidentKind>(random),
        Target = AnyPrefix(random),
        Vector = Words(random),
        From = Time(random),
        To = Time(random),
        PacketsPerSecond = random.NextDouble(),
        BitsPerSecond = random.NextDouble(),
        Share = random.NextDouble(),
        SampledPackets = random.NextInt64(),
        Quality = Any<DataQuality>(random),
        Confidence = random.NextDouble(),
        Severity = Any<Severity>(random),
        Because = Words(random),
        Counterfactual = Words(random),
        Inputs = Many(random, 4, r => KeyValuePair.Create(Words(r), r.NextDouble() * 1e6)),
    };

    private static ProposedMitigation Mitigation(Random random) =>
        new(new TrafficMatch
        {
            Destination = Maybe(random) ? AnyPrefix(random) : null,
            Source = Maybe(random) ? AnyPrefix(random) : null,
            Protocols = Many(random, 3, r => (byte)r.Next(256)),
            SourcePorts = Many(random, 3, Range),
            DestinationPorts = Many(random, 3, Range),
            IcmpTypes = Many(random, 2, Range),
            IcmpCodes = Many(random, 2, Range),
            TcpFlags = 2,
            TcpFlagsMask = (byte)random.Next(1, 256),
            PacketLengths = Many(random, 3, Range),
            Dscp = Many(random, 2, Range),
            Fragment = random.Next(3) switch { 0 => null, 1 => true, _ => false },
        }, Any<MitigationAction>(random), random.NextDouble(), Maybe(random) ? random.NextDouble() : null)
        {
            RateBitsPerSecond = Maybe(random) ? random.NextDouble() * 1e9 : null,
        };

    private static Flow AnyFlow(Random random) => new()
    {
        Source = Address(random),
        Destination = Address(random),
        Bytes = random.NextInt64(),
        Packets = random.NextInt64(),
        Start = Time(random),
        End = Time(random),
        SampledPackets = (uint)random.NextInt64(uint.MaxValue),
        InputInterface = (uint)random.NextInt64(uint.MaxValue),
        OutputInterface = (uint)random.NextInt64(uint.MaxValue),
        SourcePort = (ushort)random.Next(65536),
        DestinationPort = (ushort)random.Next(65536),
        Exporter = (ushort)random.Next(65536),
        Protocol = (byte)random.Next(256),
        TcpFlags = (byte)random.Next(256),
        Tos = (byte)random.Next(256),
        Ttl = (byte)random.Next(256),
        Flags = (FlowFlags)random.Next(8192),
    };

    private static EvidencePacket Packet(Random random)
    {
        var bytes = new byte[random.Next(257)];
        random.NextBytes(bytes);
        return new EvidencePacket(Time(random), bytes, random.Next(65536));
    }

    private static ValueRange Range(Random random)
    {
        var from = random.Next(65536);
        return new ValueRange(from, random.Next(from, 65536));
    }

    private static bool Maybe(Random random) => random.Next(2) == 0;

    private static T Any<T>(Random random) where T : struct, Enum => Enum.GetValues<T>() is var all ? all[random.Next(all.Length)] : default;

    private static T[] Many<T>(Random random, int atMost, Func<Random, T> make) => [.. Enumerable.Range(0, random.Next(atMost + 1)).Select(_ => make(random))];

    /// <summary>From 1700 to 2200, to the nanosecond.</summary>
    private static Timestamp Time(Random random) => new(random.NextInt64(-8_500_000_000_000_000_000, 7_250_000_000_000_000_000));

    private static IpAddr Address(Random random) =>
        Maybe(random) ? IpAddr.V4((uint)random.NextInt64(uint.MaxValue)) : new IpAddr((ulong)random.NextInt64(), (ulong)random.NextInt64());

    private static Prefix AnyPrefix(Random random)
    {
        var address = Address(random);
        return Prefix.Of(address, random.Next(address.Bits + 1));
    }

    /// <summary>Text with everything that JSON and HTML must escape.</summary>
    private static string Words(Random random) =>
        string.Concat(Many(random, 12, r => "a7 \"\\/<>&'\n\t\u0001é→😀".EnumerateRunes().ElementAt(r.Next(16)).ToString()));
}
