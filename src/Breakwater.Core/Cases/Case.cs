using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Cases;

/// <summary>Where a case stands. Closed list; the names outsiders see are in <see cref="CaseNames"/>.</summary>
public enum CaseState : byte
{
    /// <summary>Somebody should tell the subscriber.</summary>
    Open,

    /// <summary>The subscriber was told.</summary>
    Notified,

    /// <summary>The subscriber is in the walled garden.</summary>
    Walled,

    /// <summary>The subscriber says that it is cleaned; we look whether it is.</summary>
    Recheck,

    /// <summary>Nothing was seen since; should it come back, it is a reinfection.</summary>
    Watching,

    Closed,
}

/// <summary>What somebody does about a case.</summary>
public enum CaseStep : byte
{
    /// <summary>The subscriber was told.</summary>
    Notify,

    /// <summary>Into the walled garden.</summary>
    Wall,

    /// <summary>Out of it, and watched.</summary>
    Release,

    /// <summary>The subscriber says that it is cleaned.</summary>
    Claim,

    /// <summary>Done, or an error.</summary>
    Close,
}

/// <summary>One of our hosts that is infected or attacks others, and what is done so that it stops. Immutable: each change is a new snapshot.</summary>
/// <remarks>RFC 6561: detection is the incidents'; this is notification (§5) and remediation (§6).</remarks>
public sealed record Case
{
    public required string Id { get; init; }
    public required IpAddr Host { get; init; }
    public string HostGroup { get; init; } = "";
    public required CaseState State { get; init; }
    public required Timestamp Opened { get; init; }

    /// <summary>When the state was reached.</summary>
    public required Timestamp Since { get; init; }

    /// <summary>Last sign of it.</summary>
    public required Timestamp LastSeen { get; init; }

    /// <summary>Highest of its incidents, 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>Times that it came back after it had been quiet.</summary>
    public int Reinfections { get; init; }

    /// <summary>Kinds of its incidents, in order of appearance.</summary>
    public IReadOnlyList<IncidentKind> Kinds { get; init; } = [];

    /// <summary>Identifiers of its incidents, the newest last.</summary>
    public IReadOnlyList<string> Incidents { get; init; } = [];

    /// <summary>Traffic by which the subscriber can find the device, the newest last: where many share an address, time and port are all there is (RFC 6561 §5.9).</summary>
    public IReadOnlyList<CaseTraffic> Traffic { get; init; } = [];

    /// <summary>What happened, the newest last.</summary>
    public IReadOnlyList<CaseEvent> History { get; init; } = [];
}

/// <param name="At">When it was seen.</param>
/// <param name="Kind">What it was part of.</param>
/// <param name="Protocol">IANA protocol number.</param>
/// <param name="SourcePort">Port at our host; 0 for none.</param>
/// <param name="Destination">Whom it went to.</param>
/// <param name="DestinationPort">Port there; 0 for none.</param>
public sealed record CaseTraffic(Timestamp At, IncidentKind Kind, byte Protocol, ushort SourcePort, IpAddr Destination, ushort DestinationPort);

/// <param name="At">When.</param>
/// <param name="What">What happened.</param>
/// <param name="Who">Name of the token, or "breakwater".</param>
/// <param name="Why">As they said; empty where they did not.</param>
public sealed record CaseEvent(Timestamp At, string What, string Who, string Why);
