using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Incidents;

/// <summary>What happened in one or more captures. Rendered as text, as JSON (schema <c>breakwater.analysis/1</c>) and as HTML.</summary>
public sealed record AnalysisReport
{
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Format of the first file: <c>pcap</c>, <c>pcapng.gz</c>, <c>zeek-conn</c> …</summary>
    public required string Format { get; init; }
    public required long Packets { get; init; }
    public required long Flows { get; init; }

    /// <summary>Octets at the IP layer.</summary>
    public required long Bytes { get; init; }

    /// <summary>Null when nothing was read.</summary>
    public Timestamp? From { get; init; }
    public Timestamp? To { get; init; }

    /// <summary>The home network the analysis assumed, and whether it was inferred.</summary>
    public required IReadOnlyList<Prefix> Home { get; init; }
    public required bool HomeInferred { get; init; }

    /// <summary>What was wrong with the files: truncation, packets skipped; empty when nothing.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
    public required IReadOnlyList<Incident> Incidents { get; init; }

    /// <summary>What speaks against single hosts, whether it came to an incident or not; by address.</summary>
    public IReadOnlyList<HostEvidence> Evidence { get; init; } = [];

    /// <summary>Traffic over time, at most 600 points of equal width.</summary>
    public required IReadOnlyList<TrafficPoint> Series { get; init; }

    /// <summary>Width of one point of <see cref="Series"/>.</summary>
    public required TimeSpan PointWidth { get; init; }

    /// <summary>Heaviest addresses by bytes, at most 20, both directions together.</summary>
    public required IReadOnlyList<Talker> TopTalkers { get; init; }
}

/// <param name="Time">Start of the interval.</param>
/// <param name="PacketsByClass">Packets in the interval, indexed by <see cref="TrafficClass"/>.</param>
/// <param name="Bytes">Octets in the interval.</param>
public sealed record TrafficPoint(Timestamp Time, IReadOnlyList<long> PacketsByClass, long Bytes);

/// <param name="Address">An address of the capture.</param>
/// <param name="PacketsSent">Packets with it as source.</param>
/// <param name="PacketsReceived">Packets with it as destination.</param>
/// <param name="BytesSent">Octets with it as source.</param>
/// <param name="BytesReceived">Octets with it as destination.</param>
public sealed record Talker(IpAddr Address, long PacketsSent, long PacketsReceived, long BytesSent, long BytesReceived);
