using System.Globalization;
using System.Text.Json.Nodes;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;

namespace Breakwater.Protocols.Stix;

/// <summary>What may be told of an incident as STIX 2.1 objects: who tells, what was seen, what to look for, and what helps.</summary>
/// <remarks>
/// Identifiers are made of the incident and of what the object is about, so the same incident told again is the same objects in a newer version.
/// STIX 2.1 §3.6: a version is newer by its <c>modified</c>; <c>revoked</c> ends an object for good.
/// </remarks>
public sealed class StixReport
{
    /// <summary>Largest count that STIX allows (§4.14, §5.2).</summary>
    private const int MaxCount = 999_999_999;

    private const int MaxRules = 4;

    /// <summary>What identity objects and markings of ours were born with: a version of them never changes.</summary>
    private const string Epoch = "2026-01-01T00:00:00.000Z";

    private readonly SharedIncident _incident;
    private readonly StixSettings _settings;
    private readonly string _modified;
    private readonly bool _revoked;
    private readonly List<JsonObject> _objects = [];
    private readonly string _identity;
    private readonly string _marking;

    private StixReport(SharedIncident incident, StixSettings settings, Timestamp modified, bool revoked)
    {
        _incident = incident;
        _settings = settings;
        _modified = StixTime.Format(modified > incident.DetectedAt ? modified : incident.DetectedAt);
        _revoked = revoked;
        _identity = IdentityId(settings);
        _marking = settings.Tlp1 ? StixMarking.Tlp1Id(incident.Marking) : StixMarking.Id(incident.Marking);
    }

    /// <summary>The objects, what is referred to before what refers to it.</summary>
    /// <param name="modified">Version of the objects; not earlier than the version told before.</param>
    /// <param name="revoked">True when the finding is reversed: the same objects, revoked.</param>
    public static IReadOnlyList<JsonObject> Objects(SharedIncident incident, StixSettings settings, Timestamp modified, bool revoked = false)
    {
        var report = new StixReport(incident, settings, modified, revoked);
        report.Tell();
        return report._objects;
    }

    /// <summary>Objects in a bundle, to be kept in a file or sent by mail.</summary>
    /// <remarks>STIX 2.1 §8: the identifier of a bundle says nothing beyond the bundle; it is made of what the bundle holds.</remarks>
    public static JsonObject Bundle(IReadOnlyList<JsonObject> objects, Guid space) => new()
    {
        ["type"] = "bundle",
        ["id"] = StixId.Of("bundle", space, string.Join('|', objects.Select(o => $"{o["id"]}{o["modified"]}"))),
        ["objects"] = new JsonArray([.. objects.Select(o => o.DeepClone())]),
    };

    private static string IdentityId(StixSettings settings) => StixId.Of("identity", settings.Space, $"{settings.Organisation}|{settings.Contact}");

    private void Tell()
    {
        AddIdentity();
        _objects.Add(StixMarking.Definition(_incident.Marking, _settings.Tlp1));
        var addresses = new Dictionary<Prefix, string>();
        foreach (var source in _incident.Sources) Address(new Prefix(source, source.Bits), addresses);
        if (_incident.OwnHost is { } own) Address(own, addresses);
        var traffic = _incident.Traffic.Select(t => Traffic(t, addresses)).OfType<string>().Distinct().ToArray();
        var observed = Observed([.. addresses.Values, .. traffic]);

        var indicators = new List<string>();
        foreach (var prefix in _incident.Sources.Select(s => new Prefix(s, s.Bits)).Concat(_incident.OwnHost is { } host ? [host] : []))
            indicators.Add(Indicator($"{_incident.Kind.Name()}: {Vectors()} from {Json.JsonFields.Text(prefix)}", StixPattern.Of(prefix), prefix.ToString()));
        var rules = _incident.Mitigations.Where(m => StixPattern.Of(m.Match) is not null).Take(MaxRules).ToArray();
        foreach (var rule in rules)
        {
            var pattern = StixPattern.Of(rule.Match)!;
            var indicator = Indicator($"{_incident.Kind.Name()}: {rule.Match.Describe()}", pattern, pattern);
            if (!indicators.Contains(indicator)) indicators.Add(indicator);
            Relate("mitigates", CourseOfAction(rule), indicator);
        }
        foreach (var indicator in indicators)
        {
            Sighting(indicator, observed);
            if (observed is not null) Relate("based-on", indicator, observed);
        }
    }

    private void AddIdentity()
    {
        var identity = new JsonObject
        {
            ["type"] = "identity",
            ["spec_version"] = "2.1",
            ["id"] = _identity,
            ["created"] = Epoch,
            ["modified"] = Epoch,
            ["name"] = _settings.Organisation,
            ["identity_class"] = "organization",
        };
        if (_settings.Contact.Length > 0) identity["contact_information"] = _settings.Contact;
        _objects.Add(identity);
    }

    private void Address(Prefix prefix, Dictionary<Prefix, string> known)
    {
        if (known.ContainsKey(prefix)) return;
        var (type, value) = (prefix.IsV4 ? "ipv4-addr" : "ipv6-addr", Json.JsonFields.Text(prefix));
        known[prefix] = Observable(type, new JsonObject { ["value"] = value }, []);
    }

    private string? Traffic(SharedTraffic traffic, Dictionary<Prefix, string> addresses)
    {
        if (traffic.Source is null && traffic.Destination is null) return null;
        var identifying = new JsonObject();
        var v4 = traffic.Source?.IsV4 ?? traffic.Destination!.Value.IsV4;
        identifying["start"] = StixTime.Format(traffic.First);
        if (!(_incident.End is null)) identifying["end"] = StixTime.Format(traffic.Last);
        if (traffic.Source is { } source) identifying["src_ref"] = Known(new Prefix(source, source.Bits));
        if (traffic.Destination is { } destination) identifying["dst_ref"] = Known(destination);
        if (traffic.SourcePort is { } from) identifying["src_port"] = from;
        if (traffic.DestinationPort is { } to) identifying["dst_port"] = to;
        identifying["protocols"] = new JsonArray(v4 ? "ipv4" : "ipv6", StixPattern.ProtocolName(traffic.Protocol));
        return Observable("network-traffic", identifying, new JsonObject { ["src_packets"] = traffic.Packets, ["src_byte_count"] = traffic.Bytes });

        string Known(Prefix prefix)
        {
            Address(prefix, addresses);
            return addresses[prefix];
        }
    }

    /// <summary>Observables belong to everybody: no author, no version.</summary>
    private string Observable(string type, JsonObject identifying, JsonObject more)
    {
        var id = StixId.OfObservable(type, identifying);
        if (_objects.Any(o => (string?)o["id"] == id)) return id;
        var item = new JsonObject { ["type"] = type, ["spec_version"] = "2.1", ["id"] = id };
        foreach (var (name, value) in identifying.Concat(more)) item[name] = value?.DeepClone();
        item["object_marking_refs"] = new JsonArray(_marking);
        _objects.Add(item);
        return id;
    }

    private string? Observed(string[] references)
    {
        if (references.Length == 0) return null;
        var observed = Start("observed-data", "");
        observed["first_observed"] = StixTime.Format(_incident.Start);
        observed["last_observed"] = StixTime.Format(_incident.LastSeen);
        observed["number_observed"] = (int)Math.Clamp(_incident.Packets, 1, MaxCount);
        observed["object_refs"] = new JsonArray([.. references.Select(r => (JsonNode)r)]);
        return Add(observed);
    }

    private string Indicator(string name, string pattern, string about)
    {
        var indicator = Start("indicator", about);
        indicator["name"] = name;
        indicator["description"] = _incident.Summary;
        indicator["indicator_types"] = Types();
        indicator["pattern"] = pattern;
        indicator["pattern_type"] = "stix";
        indicator["pattern_version"] = "2.1";
        indicator["valid_from"] = StixTime.Format(_incident.Start);
        indicator["valid_until"] = StixTime.Format(_incident.LastSeen + _settings.IndicatorLifetime);
        return Add(indicator);
    }

    /// <remarks>STIX 2.1 §10.10. The sources of a reflection are machines that answer, not machines that somebody broke into.</remarks>
    private JsonArray Types() =>
        _incident.Kind == IncidentKind.InfectedHost ? ["compromised", "malicious-activity"]
        : _incident.Vectors.Any(v => v.EndsWith("-amplification", StringComparison.Ordinal) || v.EndsWith("-reflection", StringComparison.Ordinal)) ? ["anomalous-activity"]
        : ["malicious-activity"];

    private void Sighting(string indicator, string? observed)
    {
        var sighting = Start("sighting", indicator);
        sighting["first_seen"] = StixTime.Format(_incident.Start);
        sighting["last_seen"] = StixTime.Format(_incident.LastSeen);
        sighting["count"] = Math.Clamp(_incident.Pulses, 1, MaxCount);
        sighting["sighting_of_ref"] = indicator;
        if (observed is not null) sighting["observed_data_refs"] = new JsonArray(observed);
        sighting["where_sighted_refs"] = new JsonArray(_identity);
        Add(sighting);
    }

    private string CourseOfAction(ProposedMitigation rule)
    {
        var action = rule.Action switch
        {
            MitigationAction.RateLimit => "Limit the rate of",
            MitigationAction.Divert => "Divert",
            MitigationAction.Blackhole => "Blackhole",
            _ => "Drop",
        };
        var course = Start("course-of-action", $"{rule.Action}|{rule.Match.Describe()}");
        course["name"] = $"{action} {rule.Match.Describe()}";
        var collateral = rule.CollateralShare is { } share ? $"; it would have stopped {Examination.Percent(share)} of the ordinary traffic seen beside it" : "";
        var rate = rule.RateBitsPerSecond is { } bits ? string.Create(CultureInfo.InvariantCulture, $" to {bits:0} bit/s") : "";
        course["description"] = $"{action} {rule.Match.Describe()}{rate}: it stops {Examination.Percent(rule.AttackShare)} of the attack's packets{collateral}.";
        return Add(course);
    }

    private void Relate(string type, string source, string target)
    {
        var relationship = Start("relationship", $"{type}|{source}|{target}");
        relationship["relationship_type"] = type;
        relationship["source_ref"] = source;
        relationship["target_ref"] = target;
        Add(relationship);
    }

    private JsonObject Start(string type, string about)
    {
        var item = new JsonObject
        {
            ["type"] = type,
            ["spec_version"] = "2.1",
            ["id"] = StixId.Of(type, _settings.Space, $"{_incident.Reference}|{about}"),
            ["created_by_ref"] = _identity,
            ["created"] = StixTime.Format(_incident.DetectedAt),
            ["modified"] = _modified,
        };
        if (_revoked) item["revoked"] = true;
        item["confidence"] = (int)Math.Round(Math.Clamp(_incident.Confidence, 0, 1) * 100);
        item["labels"] = new JsonArray([_incident.Kind.Name(), .. _incident.Vectors.Select(v => (JsonNode)v)]);
        item["external_references"] = new JsonArray(new JsonObject { ["source_name"] = "breakwater", ["external_id"] = _incident.Reference.ToString() });
        item["object_marking_refs"] = new JsonArray(_marking);
        return item;
    }

    private string Add(JsonObject item)
    {
        var id = (string)item["id"]!;
        if (!_objects.Any(o => (string?)o["id"] == id)) _objects.Add(item);
        return id;
    }

    private string Vectors() => _incident.Vectors.Count > 0 ? string.Join(", ", _incident.Vectors) : "traffic";
}
