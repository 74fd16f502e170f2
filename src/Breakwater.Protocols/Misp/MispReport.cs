using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Stix;

namespace Breakwater.Protocols.Misp;

/// <summary>What may be told of an incident as a MISP event: a <c>ddos</c> object of an attack, and the senders as attributes.</summary>
/// <remarks>
/// draft-dulaunoy-misp-core-format-17 §2 (Event, Attribute, Object, Tag); object template <c>ddos</c>, version 5, of misp-objects, which wants a victim or a source.
/// Identifiers are the same each time: MISP takes the event again as an update.
/// </remarks>
public static class MispReport
{
    private const string DdosTemplate = "e2f124d6-f57c-4f93-99e6-8450545fa05d";
    private const int DdosVersion = 5;

    /// <summary>"As the event".</summary>
    private const string Inherited = "5";

    /// <param name="incident">What may be told.</param>
    /// <param name="organisation">Who tells.</param>
    /// <param name="space">Namespace of our identifiers.</param>
    /// <returns>Null where neither victim nor source is told: nothing would be left that MISP could hold.</returns>
    public static JsonObject? Of(SharedIncident incident, string organisation, Guid space)
    {
        IReadOnlyList<Prefix> accused = incident.OwnHost is { } own ? [own] : [.. incident.Sources.Select(s => new Prefix(s, s.Bits))];
        var writer = new Writer(incident, space);
        var isAttack = incident.Kind is IncidentKind.Ddos or IncidentKind.OutboundAttack;
        if (accused.Count == 0 && (incident.Victim is null || !isAttack)) return null;
        var told = new JsonObject
        {
            ["uuid"] = writer.Id("event"),
            ["info"] = incident.Summary,
            ["date"] = incident.Start.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["timestamp"] = writer.Stamp,
            ["threat_level_id"] = incident.Severity switch { >= Severity.High => "1", Severity.Medium => "2", Severity.Low => "3", _ => "4" },
            // 1: ongoing, 2: completed.
            ["analysis"] = incident.End is null ? "1" : "2",
            ["distribution"] = Distribution(incident.Marking),
            ["published"] = false,
            ["Orgc"] = new JsonObject { ["name"] = organisation, ["uuid"] = StixId.Uuid5(space, Encoding.UTF8.GetBytes($"misp-organisation|{organisation}")).ToString() },
            ["Tag"] = new JsonArray([.. incident.Vectors.Select(v => $"breakwater:vector=\"{v}\"").Prepend(incident.Marking.Label().ToLowerInvariant()).Select(n => (JsonNode)new JsonObject { ["name"] = n })]),
            ["Attribute"] = new JsonArray([.. accused.Select(a => (JsonNode)writer.Attribute("source", "ip-src", "Network activity", JsonFields.Text(a), null, isIndicator: true))]),
        };
        if (isAttack) told["Object"] = new JsonArray(Ddos(incident, accused, writer));
        return new JsonObject { ["Event"] = told };
    }

    private static JsonObject Ddos(SharedIncident incident, IReadOnlyList<Prefix> accused, Writer writer)
    {
        var main = incident.Traffic.FirstOrDefault();
        var attributes = new JsonArray();
        Add("ip-dst", "ip-dst", "Network activity", incident.Victim is { } victim ? JsonFields.Text(victim) : null);
        // The template has room for one sender: the heaviest. All of them stand beside the object.
        Add("ip-src", "ip-src", "Network activity", accused.Count > 0 ? JsonFields.Text(accused[0]) : null);
        Add("src-port", "port", "Network activity", Number(main?.SourcePort));
        Add("dst-port", "port", "Network activity", Number(main?.DestinationPort));
        Add("protocol", "text", "Other", main is null ? null : main.Protocol switch { 1 or 58 => "ICMP", 6 => "TCP", 17 => "UDP", _ => "IP" });
        Add("total-bps", "counter", "Other", Rate(incident.PeakBitsPerSecond));
        Add("total-pps", "counter", "Other", Rate(incident.PeakPacketsPerSecond));
        Add("first-seen", "datetime", "Other", Rfc3339.Format(incident.Start));
        Add("last-seen", "datetime", "Other", Rfc3339.Format(incident.LastSeen));
        Add("text", "text", "Other", incident.Summary);
        return new JsonObject
        {
            ["uuid"] = writer.Id("ddos"),
            ["name"] = "ddos",
            ["meta-category"] = "network",
            ["template_uuid"] = DdosTemplate,
            ["template_version"] = DdosVersion.ToString(CultureInfo.InvariantCulture),
            ["timestamp"] = writer.Stamp,
            ["distribution"] = Inherited,
            ["Attribute"] = attributes,
        };

        void Add(string relation, string type, string category, string? value)
        {
            if (value is not null) attributes.Add(writer.Attribute("ddos", type, category, value, relation, isIndicator: false));
        }
    }

    /// <summary>0: our own organisation at the recipient's, 1: its community, 2: communities connected to it, 3: all.</summary>
    private static string Distribution(Tlp marking) => marking switch { Tlp.Clear => "3", Tlp.Green => "2", Tlp.Amber => "1", _ => "0" };

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Rate(double rate) => rate is > 0 and < 1e18 ? ((long)rate).ToString(CultureInfo.InvariantCulture) : null;

    private sealed class Writer(SharedIncident incident, Guid space)
    {
        /// <summary>A newer one replaces what the recipient has.</summary>
        public string Stamp { get; } = incident.LastSeen.ToDateTimeOffset().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

        public string Id(string what) => StixId.Uuid5(space, Encoding.UTF8.GetBytes($"misp|{incident.Reference}|{what}")).ToString();

        public JsonObject Attribute(string part, string type, string category, string value, string? relation, bool isIndicator)
        {
            // What changes as the attack goes on keeps its identifier in the object; a sender is one of its own.
            var attribute = new JsonObject { ["uuid"] = Id($"{part}|{relation ?? value}"), ["type"] = type, ["category"] = category, ["value"] = value, ["to_ids"] = isIndicator, ["timestamp"] = Stamp, ["distribution"] = Inherited };
            if (relation is not null) attribute["object_relation"] = relation;
            return attribute;
        }
    }
}
