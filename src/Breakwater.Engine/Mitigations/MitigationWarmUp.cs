using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;

namespace Breakwater.Engine.Mitigations;

/// <summary>Lets the way from an incident to a rule run once before the first real attack: code that has never run is compiled while the flood comes in.</summary>
internal static class MitigationWarmUp
{
    public static void Run()
    {
        var target = Prefix.Parse("192.0.2.7/32");
        var now = Timestamp.FromUnixSeconds(1_700_000_000);
        var modes = new MitigationModes { Drop = MitigationMode.Automatic, RateLimit = MitigationMode.Automatic };
        var options = new RailOptions();
        var book = new MitigationBook(
            new PolicyOptions(), options, new GuardRails(options, [Prefix.Parse("192.0.2.0/24")], [], []), new ModeTable(modes, new Dictionary<string, MitigationModes>()), _ => "default", []);
        var rule = new TrafficMatch { Destination = target, Protocols = [6], TcpFlags = 2, TcpFlagsMask = 18 };
        var incident = new Incident
        {
            Id = "warm-up",
            Kind = IncidentKind.Ddos,
            State = IncidentState.Open,
            Severity = Severity.High,
            Confidence = 1,
            Target = target,
            HostGroup = "default",
            Vectors = ["syn-flood"],
            Start = now,
            LastSeen = now,
            DetectedAt = now,
            Explanation = "",
            PeakPacketsPerSecond = 1,
            Mitigations = [new(rule, MitigationAction.Drop, 1, 0), new(new TrafficMatch { Destination = target, Protocols = [17], SourcePorts = [53] }, MitigationAction.RateLimit, 1, 0) { RateBitsPerSecond = 1e6 }],
        };
        book.Consider(incident, new SignalQuality(1_000, true, null, null, 0), now);
        book.Placed(book.Desired().ToDictionary(c => c.Id, _ => new Placement(true, 1)), now);
        book.Observe(TrafficSnapshot.Empty);
        book.Tick(now + TimeSpan.FromSeconds(30));
        foreach (var mitigation in book.TakeChanges())
        {
            using var json = new Utf8JsonWriter(new ArrayBufferWriter<byte>());
            MitigationLifeJson.Write(json, mitigation);
        }
    }
}
