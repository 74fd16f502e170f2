using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Engine.Notification;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Notification;

/// <summary>Incidents, mitigations and notices that tests tell of.</summary>
internal static class Attacks
{
    public static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_700_000_000);

    public static Incident Incident(string id = "20231114-221320-0a0b0c0d") => new()
    {
        Id = id,
        Kind = IncidentKind.Ddos,
        State = IncidentState.Open,
        Severity = Severity.High,
        Confidence = 0.9,
        Target = Prefix.Parse("192.0.2.7/32"),
        HostGroup = "web",
        Start = Now,
        LastSeen = Now + TimeSpan.FromSeconds(5),
        DetectedAt = Now,
        PeakPacketsPerSecond = 80_000,
        PeakBitsPerSecond = 38_400_000,
        Packets = 400_000,
        Bytes = 24_000_000,
        SourceCount = 3,
        Vectors = [Vectors.SynFlood],
        Explanation = "192.0.2.7 receives syn-flood",
        Evidence = new Evidence(
        [
            new Flow { Source = IpAddr.Parse("203.0.113.9"), SourcePort = 1024, Destination = IpAddr.Parse("192.0.2.7"), DestinationPort = 443, Protocol = 6, TcpFlags = 2, Packets = 3, SampledPackets = 3, Bytes = 180, Ttl = 63, Start = Now },
            new Flow { Source = IpAddr.Parse("203.0.113.10"), SourcePort = 53, Destination = IpAddr.Parse("192.0.2.7"), DestinationPort = 999, Protocol = 17, Packets = 1, SampledPackets = 1, Bytes = 60, Ttl = 60, Start = Now },
        ], [], 1),
    };

    public static Mitigation Mitigation(MitigationState state = MitigationState.Active) => new()
    {
        Id = "m-1",
        Origin = MitigationOrigin.Incident,
        Requester = "breakwater",
        IncidentId = "20231114-221320-0a0b0c0d",
        Match = new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Source = Prefix.Parse("203.0.113.0/24") },
        Action = MitigationAction.Drop,
        Created = Now,
        Expires = Now + TimeSpan.FromMinutes(10),
        Since = Now,
        Reason = "holds 98 % of the attack",
        State = state,
    };

    public static NotificationMetrics Metrics() => new(new ScriptNotifier(new ScriptNotifierOptions(), NullLogger<ScriptNotifier>.Instance));

    public static Notice Opened(string id = "20231114-221320-0a0b0c0d") => new($"{id}.opened", NoticeKind.Opened, Now) { Incident = Incident(id) };

    public static NoticeGroup Group(params Notice[] notices) => new("g-1", notices.Length > 0 ? notices : [Opened()], 0);
}
