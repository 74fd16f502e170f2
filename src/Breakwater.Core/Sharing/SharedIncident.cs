using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Core.Sharing;

/// <summary>What of an incident may be told to others. Only <see cref="SharingPolicy"/> makes it, and everything that renders for others takes nothing else.</summary>
/// <remarks>It does not hold the incident's identifier: that is derived from the target, and would betray a hidden victim to whoever tries all addresses.</remarks>
public sealed record SharedIncident
{
    internal SharedIncident()
    {
    }

    /// <summary>The same for each telling of the same incident.</summary>
    public required Guid Reference { get; init; }

    public required IncidentKind Kind { get; init; }
    public required Severity Severity { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Confidence { get; init; }
    public required Tlp Marking { get; init; }

    /// <summary>Who suffers, as far as it is told; null where it is hidden or unknown.</summary>
    public Prefix? Victim { get; init; }

    /// <summary>Our own host that attacks or is infected, as far as it is told.</summary>
    public Prefix? OwnHost { get; init; }

    /// <summary>Foreign addresses that really sent, heaviest first; none where the sources are forged.</summary>
    public IReadOnlyList<IpAddr> Sources { get; init; } = [];

    /// <summary>Distinct sources, estimated.</summary>
    public long SourceCount { get; init; }
    public bool SourcesForged { get; init; }
    public required IReadOnlyList<string> Vectors { get; init; }
    public required Timestamp Start { get; init; }
    public required Timestamp LastSeen { get; init; }
    public Timestamp? End { get; init; }
    public required Timestamp DetectedAt { get; init; }
    public int Pulses { get; init; }
    public double PeakBitsPerSecond { get; init; }
    public double PeakPacketsPerSecond { get; init; }
    public long Packets { get; init; }
    public long Bytes { get; init; }

    /// <summary>What the traffic looked like, out of the evidence, heaviest first.</summary>
    public IReadOnlyList<SharedTraffic> Traffic { get; init; } = [];

    /// <summary>Rules that would help; their destination is the victim as far as it is told.</summary>
    public IReadOnlyList<ProposedMitigation> Mitigations { get; init; } = [];

    /// <summary>One sentence without a hidden address.</summary>
    public required string Summary { get; init; }
}

/// <summary>Flows of the evidence that look alike.</summary>
/// <param name="Source">The sender; null where it is not told.</param>
/// <param name="Destination">The receiver as far as it is told.</param>
/// <param name="Protocol">IANA protocol number.</param>
/// <param name="SourcePort">Null where there is none, or many.</param>
/// <param name="DestinationPort">Null where there is none, or many.</param>
/// <param name="Packets">Packets in the evidence.</param>
/// <param name="Bytes">Octets in the evidence.</param>
/// <param name="First">Start of the first flow.</param>
/// <param name="Last">End of the last flow.</param>
/// <param name="TcpFlags">All flags seen.</param>
/// <param name="Flows">Flows in the evidence.</param>
/// <param name="LastSourcePort">Port of the newest flow of a sender that is told; null where there is none.</param>
public sealed record SharedTraffic(
    IpAddr? Source, Prefix? Destination, byte Protocol, int? SourcePort, int? DestinationPort, long Packets, long Bytes, Timestamp First, Timestamp Last, byte TcpFlags, int Flows,
    int? LastSourcePort);
