using System.Globalization;
using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Protocols.Json;

namespace Breakwater.Protocols.CrowdSec;

/// <summary>An incident as an alert of CrowdSec's local API.</summary>
/// <remarks>
/// Its source has the scope "breakwater-target": the sources of a flood are mostly forged, and a local API that bans whatever an alert
/// names would ban the innocent, or the victim. No decision comes with it, and none is asked for.
/// </remarks>
public static class AlertJson
{
    private const int MaxSources = 10;

    /// <param name="kind">"opened" or "ended".</param>
    public static void Write(Utf8JsonWriter json, Incident incident, string kind, string message)
    {
        var target = incident.Target is { } prefix ? JsonFields.Text(prefix) : incident.Host?.ToString() ?? "unknown";
        json.WriteStartObject();
        json.WriteString("scenario", $"breakwater/{incident.Kind.Name()}");
        json.WriteString("scenario_hash", "");
        json.WriteString("scenario_version", "");
        json.WriteString("message", message);
        // Counted in 32 bits over there.
        json.WriteNumber("events_count", (int)Math.Clamp(incident.SampledPackets, 0, int.MaxValue));
        json.WriteString("start_at", Rfc3339.Format(incident.Start));
        json.WriteString("stop_at", Rfc3339.Format(incident.LastSeen));
        json.WriteNumber("capacity", 0);
        json.WriteString("leakspeed", "0s");
        json.WriteBoolean("simulated", false);
        json.WriteBoolean("remediation", false);
        json.WriteStartObject("source");
        json.WriteString("scope", "breakwater-target");
        json.WriteString("value", target);
        json.WriteEndObject();
        json.WriteStartArray("events");
        json.WriteStartObject();
        json.WriteString("timestamp", Rfc3339.Format(incident.LastSeen));
        WriteMeta(json, incident, kind);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteMeta(json, incident, kind);
        json.WriteStartArray("decisions");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMeta(Utf8JsonWriter json, Incident incident, string kind)
    {
        json.WriteStartArray("meta");
        Pair(json, "incident", incident.Id);
        Pair(json, "notice", kind);
        Pair(json, "severity", incident.Severity.Name());
        Pair(json, "vectors", string.Join(',', incident.Vectors));
        Pair(json, "peak_packets_per_second", incident.PeakPacketsPerSecond.ToString("F0", CultureInfo.InvariantCulture));
        Pair(json, "peak_bits_per_second", incident.PeakBitsPerSecond.ToString("F0", CultureInfo.InvariantCulture));
        Pair(json, "sources", string.Join(',', incident.Sources.Take(MaxSources)));
        json.WriteEndArray();
    }

    private static void Pair(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteString("value", value);
        json.WriteEndObject();
    }
}
