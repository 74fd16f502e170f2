using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Json;

namespace Breakwater.Engine.Storage;

/// <summary>An exporter's health as JSON: in the store, and in the API.</summary>
public static class ExporterJson
{
    public static void Write(Utf8JsonWriter json, ExporterRecord exporter)
    {
        json.WriteStartObject();
        json.WriteString("address", exporter.Address);
        json.WriteString("protocol", exporter.Protocol);
        json.WriteString("firstSeen", Rfc3339.Format(exporter.FirstSeen));
        json.WriteString("lastSeen", Rfc3339.Format(exporter.LastSeen));
        json.WriteNumber("datagrams", exporter.Datagrams);
        json.WriteNumber("flows", exporter.Flows);
        json.WriteNumber("flowsPerSecond", double.IsFinite(exporter.FlowsPerSecond) ? exporter.FlowsPerSecond : 0);
        json.WriteNumber("lost", exporter.Lost);
        json.WriteNumber("droppedWithoutTemplate", exporter.DroppedWithoutTemplate);
        json.WriteNumber("templates", exporter.Templates);
        json.WriteString("sampling", exporter.Sampling);
        json.WriteStartArray("samplingRates");
        foreach (var rate in exporter.SamplingRates) json.WriteNumberValue(rate);
        json.WriteEndArray();
        if (exporter.ClockSkewSeconds is { } skew && double.IsFinite(skew)) json.WriteNumber("clockSkewSeconds", skew);
        else json.WriteNull("clockSkewSeconds");
        json.WriteStartObject("errors");
        foreach (var (error, count) in exporter.Errors) json.WriteNumber(error, count);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">The text is not an exporter.</exception>
    public static ExporterRecord Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Read(document.RootElement);
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"unreadable exporter: {problem.Message}", problem);
        }
    }

    private static ExporterRecord Read(JsonElement json) => new(
        json.GetProperty("address").GetString() ?? "",
        json.GetProperty("protocol").GetString() ?? "",
        Time(json, "firstSeen"),
        Time(json, "lastSeen"),
        json.GetProperty("datagrams").GetInt64(),
        json.GetProperty("flows").GetInt64(),
        json.GetProperty("flowsPerSecond").GetDouble(),
        json.GetProperty("lost").GetInt64(),
        json.GetProperty("droppedWithoutTemplate").GetInt64(),
        json.GetProperty("templates").GetInt32(),
        json.GetProperty("sampling").GetString() ?? "",
        [.. json.GetProperty("samplingRates").EnumerateArray().Select(r => r.GetUInt32())],
        json.GetProperty("clockSkewSeconds") is { ValueKind: JsonValueKind.Number } skew ? skew.GetDouble() : null,
        [.. json.GetProperty("errors").EnumerateObject().Select(e => KeyValuePair.Create(e.Name, e.Value.GetInt64()))]);

    private static Timestamp Time(JsonElement json, string name) =>
        Rfc3339.TryParse(json.GetProperty(name).GetString(), out var time) ? time : throw new FormatException($"{name} is not an RFC 3339 date-time");
}
