using System.Text.Json;
using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>One detector's claim as JSON, with every number needed to check it.</summary>
public static class FindingJson
{
    public static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("detector", finding.Detector);
        json.WriteString("kind", finding.Kind.Name());
        json.WriteString("target", JsonFields.Text(finding.Target));
        json.WriteString("vector", finding.Vector);
        json.WriteTime("from", finding.From);
        json.WriteTime("to", finding.To);
        json.WriteDouble("packetsPerSecond", finding.PacketsPerSecond);
        json.WriteDouble("bitsPerSecond", finding.BitsPerSecond);
        json.WriteDouble("share", finding.Share);
        json.WriteNumber("sampledPackets", finding.SampledPackets);
        json.WriteString("quality", finding.Quality.Name());
        QualityNoteJson.Write(json, finding.QualityNotes);
        json.WriteDouble("confidence", finding.Confidence);
        json.WriteString("severity", finding.Severity.Name());
        json.WriteString("because", finding.Because);
        json.WriteString("counterfactual", finding.Counterfactual);
        json.WriteStartArray("inputs");
        foreach (var (name, value) in finding.Inputs)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteDouble("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (finding.Component is { } component) json.WriteString("component", $"{component.Kind}:{component.Value}");
        json.WriteEndObject();
    }

    internal static Finding Read(JsonElement json) => new()
    {
        Detector = json.Text("detector"),
        Kind = IncidentJson.Kind(json),
        Target = Prefix.Parse(json.Text("target")),
        Vector = json.Text("vector"),
        From = json.Time("from"),
        To = json.Time("to"),
        PacketsPerSecond = json.Double("packetsPerSecond"),
        BitsPerSecond = json.Double("bitsPerSecond"),
        Share = json.Double("share"),
        SampledPackets = json.Long("sampledPackets"),
        Quality = IncidentJson.Quality(json),
        QualityNotes = QualityNoteJson.Read(json),
        Confidence = json.Double("confidence"),
        Severity = IncidentJson.Severity(json),
        Because = json.Text("because"),
        Counterfactual = json.Text("counterfactual"),
        Inputs = json.List("inputs", i => KeyValuePair.Create(i.Text("name"), i.Double("value"))),
        Component = json.TryGetProperty("component", out var component) ? Component(component.GetString() ?? "") : null,
    };

    /// <returns>Null for a kind that this version does not know.</returns>
    private static TrafficKey? Component(string text)
    {
        var colon = text.IndexOf(':');
        return colon > 0 && Enum.TryParse<TrafficKind>(text[..colon], out var kind) && ushort.TryParse(text[(colon + 1)..], out var value) ? new TrafficKey(kind, value) : null;
    }
}
