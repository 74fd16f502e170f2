using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Stix;

namespace Breakwater.Protocols.Xarf;

/// <summary>Who complains.</summary>
/// <param name="Organisation">Name, at most 200 characters.</param>
/// <param name="Contact">Mail address.</param>
/// <param name="Domain">Domain name.</param>
/// <param name="Space">Namespace of our identifiers.</param>
public sealed record XarfSender(string Organisation, string Contact, string Domain, Guid Space);

/// <summary>Abuse reports about the senders of an attack, one for each: to whoever is responsible for that address.</summary>
/// <remarks>X-ARF 4.2.0: <c>xarf-core.json</c> and the schema of each type. Nothing here is sent; people or their mail system do that.</remarks>
public static class XarfReport
{
    private const string Version = "4.2.0";

    /// <summary>Lines of evidence in one report.</summary>
    private const int MaxLines = 50;

    /// <summary>The reports that the incident gives reason for; none where the senders are forged, unknown or not told.</summary>
    /// <param name="now">Time of the report.</param>
    /// <param name="without">Senders that X-ARF has no report for: it wants a port, and their traffic has none.</param>
    public static IReadOnlyList<JsonObject> Of(SharedIncident incident, XarfSender sender, Timestamp now, out int without)
    {
        var reports = new List<JsonObject>();
        without = 0;
        IEnumerable<IpAddr> accused = incident.OwnHost is { IsHost: true } own ? [own.Address] : incident.Sources;
        foreach (var source in accused)
        {
            if (Of(incident, source, sender, now) is { } report) reports.Add(report);
            else without++;
        }
        return reports;
    }

    private static JsonObject? Of(SharedIncident incident, IpAddr source, XarfSender sender, Timestamp now)
    {
        var traffic = incident.Traffic.Where(t => t.Source == source).ToArray();
        if (traffic.FirstOrDefault(t => ProtocolName(t.Protocol) is not null) is not { } main) return null;
        var (category, type) = TypeOf(incident.Kind);
        var infected = type == "infected_host";
        // Of an infected host X-ARF knows TCP and UDP only, and of all others it wants the sender's port.
        var port = main.SourcePort ?? main.LastSourcePort;
        if (infected ? main.Protocol is not (6 or 17) : port is null) return null;
        var contact = Contact(sender);
        var report = new JsonObject
        {
            ["xarf_version"] = Version,
            ["report_id"] = StixId.Uuid5(sender.Space, Encoding.UTF8.GetBytes($"xarf|{incident.Reference}|{source}")).ToString(),
            ["timestamp"] = Rfc3339.Format(now),
            ["reporter"] = contact,
            ["sender"] = contact.DeepClone(),
            ["source_identifier"] = source.ToString(),
            ["category"] = category,
            ["type"] = type,
            ["evidence_source"] = "flow_analysis",
            ["protocol"] = ProtocolName(main.Protocol),
            ["first_seen"] = Rfc3339.Format(traffic.Min(t => t.First)),
            ["last_seen"] = Rfc3339.Format(traffic.Max(t => t.Last)),
            ["confidence"] = Math.Round(Math.Clamp(incident.Confidence, 0, 1), 2),
            ["tags"] = Tags(incident),
        };
        if (port is { } from) report["source_port"] = from;
        if (main.Destination is { IsHost: true } victim) report["destination_ip"] = victim.Address.ToString();
        if (main.DestinationPort is > 0 and var target) report["destination_port"] = target;
        if (type == "ddos") Describe(report, incident, traffic);
        if (infected) report["bot_type"] = "malicious";
        report["evidence"] = new JsonArray(Evidence(incident, source, traffic));
        return report;
    }

    private static (string Category, string Type) TypeOf(IncidentKind kind) => kind switch
    {
        IncidentKind.InfectedHost => ("connection", "infected_host"),
        IncidentKind.Scan => ("connection", "port_scan"),
        IncidentKind.BruteForce => ("connection", "login_attack"),
        _ => ("connection", "ddos"),
    };

    private static void Describe(JsonObject report, SharedIncident incident, SharedTraffic[] traffic)
    {
        if (incident.Vectors.Count > 0) report["attack_vector"] = incident.Vectors[0].Replace('-', '_');
        // What this one sender did for that long; the peak is everybody's together and stays out.
        report["duration_seconds"] = (long)Math.Max(1, Math.Ceiling((traffic.Max(t => t.Last) - traffic.Min(t => t.First)).TotalSeconds));
    }

    /// <remarks>Tags are "namespace:value", lower case.</remarks>
    private static JsonArray Tags(SharedIncident incident) =>
        [.. incident.Vectors.Take(10).Select(v => (JsonNode)$"attack:{v}"), (JsonNode)$"severity:{incident.Severity.Name()}", (JsonNode)incident.Marking.Label().ToLowerInvariant()];

    /// <summary>The flows as text that a person at an abuse desk can read and look for in their own records: time, address and port.</summary>
    private static JsonObject Evidence(SharedIncident incident, IpAddr source, SharedTraffic[] traffic)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{incident.Summary}\n\nSampled flows from {source}, times in UTC:\n");
        foreach (var flow in traffic.Take(MaxLines))
        {
            text.Append(CultureInfo.InvariantCulture, $"{flow.First} to {flow.Last}  {StixPattern.ProtocolName(flow.Protocol)}  {source}");
            if (flow.SourcePort is { } from) text.Append(CultureInfo.InvariantCulture, $" port {from}");
            text.Append(CultureInfo.InvariantCulture, $" -> {(flow.Destination is { } to ? JsonFields.Text(to) : "(withheld)")}");
            if (flow.DestinationPort is { } toPort) text.Append(CultureInfo.InvariantCulture, $" port {toPort}");
            text.Append(CultureInfo.InvariantCulture, $"  {flow.Packets} packets  {flow.Bytes} octets\n");
        }
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return new JsonObject
        {
            ["content_type"] = "text/plain; charset=utf-8",
            ["payload"] = Convert.ToBase64String(bytes),
            ["hash"] = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}",
            ["size"] = bytes.Length,
        };
    }

    private static JsonObject Contact(XarfSender sender) => new() { ["org"] = sender.Organisation, ["contact"] = sender.Contact, ["domain"] = sender.Domain };

    private static string? ProtocolName(byte protocol) => protocol switch { 6 => "tcp", 17 => "udp", 1 or 58 => "icmp", 132 => "sctp", _ => null };
}
