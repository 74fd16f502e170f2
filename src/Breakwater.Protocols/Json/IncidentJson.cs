using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>How much of an incident is written.</summary>
public enum IncidentDetail : byte
{
    /// <summary>Without <c>evidence</c>: for lists and events.</summary>
    Summary,

    /// <summary>With the flows in <c>evidence</c>: what <c>breakwater.analysis/1</c> promises.</summary>
    Flows,

    /// <summary>With <c>evidencePackets</c> as well: nothing is lost.</summary>
    Full,
}

/// <summary>An incident as JSON. The fields and their order are a contract: docs/analysis-json.md.</summary>
public static class IncidentJson
{
    /// <summary>Addresses in <c>sources</c> at most.</summary>
    public const int MaxSources = 100;

    public static void Write(Utf8JsonWriter json, Incident incident, IncidentDetail detail = IncidentDetail.Flows)
    {
        json.WriteStartObject();
        json.WriteString("id", incident.Id);
        json.WriteString("kind", incident.Kind.Name());
        json.WriteString("severity", incident.Severity.Name());
        json.WriteDouble("confidence", incident.Confidence);
        json.WriteString("target", incident.Target is { } target ? JsonFields.Text(target) : null);
        json.WriteString("host", incident.Host?.ToString());
        json.WriteStrings("sources", incident.Sources.Take(MaxSources).Select(s => s.ToString()));
        json.WriteNumber("sourceCount", incident.SourceCount);
        json.WriteStrings("vectors", incident.Vectors);
        json.WriteTime("start", incident.Start);
        json.WriteTime("end", incident.End);
        json.WriteStartObject("peak");
        json.WriteDouble("bitsPerSecond", incident.PeakBitsPerSecond);
        json.WriteDouble("packetsPerSecond", incident.PeakPacketsPerSecond);
        json.WriteEndObject();
        json.WriteString("explanation", incident.Explanation);
        if (detail != IncidentDetail.Summary) EvidenceJson.WriteFlows(json, incident.Evidence);
        json.WriteList("mitigations", incident.Mitigations, MitigationJson.Write);
        WriteAdditional(json, incident);
        if (detail == IncidentDetail.Full) EvidenceJson.WritePackets(json, incident.Evidence);
        json.WriteEndObject();
    }

    /// <summary>Fields beyond the promised core, after it.</summary>
    private static void WriteAdditional(Utf8JsonWriter json, Incident incident)
    {
        json.WriteString("state", incident.State.Name());
        json.WriteString("hostGroup", incident.HostGroup);
        json.WriteDouble("sourceCountError", incident.SourceCountError);
        json.WriteObjects("sourcePrefixes", incident.SourcePrefixes, source =>
        {
            json.WriteString("prefix", source.Prefix.ToString());
            json.WriteDouble("share", source.Share);
        });
        json.WriteDouble("forgedShare", incident.ForgedShare);
        json.WriteStrings("targetPrefixes", incident.TargetPrefixes.Select(p => p.ToString()));
        json.WriteTime("detectedAt", incident.DetectedAt);
        json.WriteTime("lastSeen", incident.LastSeen);
        json.WriteNumber("packets", incident.Packets);
        json.WriteNumber("bytes", incident.Bytes);
        json.WriteNumber("sampledPackets", incident.SampledPackets);
        json.WriteDouble("relativeError", incident.RelativeError);
        json.WriteString("quality", incident.Quality.Name());
        QualityNoteJson.Write(json, incident.QualityNotes);
        json.WriteNumber("pulses", incident.Pulses);
        WriteRhythm(json, incident.Rhythm);
        json.WriteTime("armedUntil", incident.ArmedUntil);
        json.WriteList("findings", incident.Findings, FindingJson.Write);
    }

    private static void WriteRhythm(Utf8JsonWriter json, PulseRhythm? rhythm)
    {
        if (rhythm is null)
        {
            json.WriteNull("pulseRhythm");
            return;
        }
        json.WriteStartObject("pulseRhythm");
        json.WriteDouble("periodSeconds", rhythm.PeriodSeconds);
        json.WriteDouble("dutyCycle", rhythm.DutyCycle);
        json.WriteDouble("shortestSeconds", rhythm.ShortestSeconds);
        json.WriteDouble("longestSeconds", rhythm.LongestSeconds);
        json.WriteNumber("pulses", rhythm.Pulses);
        json.WriteEndObject();
    }

    private static PulseRhythm? Rhythm(JsonElement json) => json.ValueKind == JsonValueKind.Null ? null : new PulseRhythm(
        json.Double("periodSeconds"), json.Double("dutyCycle"), json.Double("shortestSeconds"), json.Double("longestSeconds"), (int)json.Long("pulses"));

    /// <summary>Reads what <see cref="Write"/> wrote, at any detail; what was not written is empty.</summary>
    /// <exception cref="FormatException">The text is not an incident.</exception>
    public static Incident Read(ReadOnlyMemory<byte> utf8) => Parse(utf8, Read);

    private static Incident Read(JsonElement json)
    {
        var peak = json.GetProperty("peak");
        return new Incident
        {
            Id = json.Text("id"),
            Kind = Kind(json),
            State = IncidentNames.TryParseState(json.Text("state"), out var state) ? state : throw new FormatException("state is not a known state"),
            Severity = Severity(json),
            Confidence = json.Double("confidence"),
            Target = json.GetProperty("target").GetString() is { } target ? Prefix.Parse(target) : null,
            Host = json.GetProperty("host").GetString() is { } host ? IpAddr.Parse(host) : null,
            HostGroup = json.Text("hostGroup"),
            Sources = [.. json.Strings("sources").Select(IpAddr.Parse)],
            SourceCount = json.Long("sourceCount"),
            SourceCountError = json.Double("sourceCountError"),
            SourcePrefixes = json.List("sourcePrefixes", s => new SourcePrefix(Prefix.Parse(s.Text("prefix")), s.Double("share"))),
            TargetPrefixes = json.TryGetProperty("targetPrefixes", out _) ? [.. json.Strings("targetPrefixes").Select(Prefix.Parse)] : [],
            ForgedShare = json.TryGetProperty("forgedShare", out _) ? json.Double("forgedShare") : 0,
            Vectors = json.Strings("vectors"),
            Start = json.Time("start"),
            LastSeen = json.Time("lastSeen"),
            End = json.OptionalTime("end"),
            DetectedAt = json.Time("detectedAt"),
            PeakBitsPerSecond = peak.Double("bitsPerSecond"),
            PeakPacketsPerSecond = peak.Double("packetsPerSecond"),
            Packets = json.Long("packets"),
            Bytes = json.Long("bytes"),
            SampledPackets = json.Long("sampledPackets"),
            RelativeError = json.Double("relativeError"),
            Quality = Quality(json),
            QualityNotes = QualityNoteJson.Read(json),
            Pulses = json.GetProperty("pulses").GetInt32(),
            Rhythm = json.TryGetProperty("pulseRhythm", out var rhythm) ? Rhythm(rhythm) : null,
            ArmedUntil = json.TryGetProperty("armedUntil", out _) ? json.OptionalTime("armedUntil") : null,
            Explanation = json.Text("explanation"),
            Findings = json.List("findings", FindingJson.Read),
            Evidence = EvidenceJson.Read(json),
            Mitigations = json.List("mitigations", MitigationJson.Read),
        };
    }

    internal static IncidentKind Kind(JsonElement json) =>
        IncidentNames.TryParseKind(json.Text("kind"), out var kind) ? kind : throw new FormatException("kind is not a known kind");

    internal static Severity Severity(JsonElement json) =>
        IncidentNames.TryParseSeverity(json.Text("severity"), out var severity) ? severity : throw new FormatException("severity is not a known severity");

    internal static DataQuality Quality(JsonElement json)
    {
        var name = json.Text("quality");
        foreach (var quality in Enum.GetValues<DataQuality>())
            if (quality.Name() == name) return quality;
        throw new FormatException("quality is not a known quality");
    }

    /// <summary>Turns every way in which a document can be wrong into one exception.</summary>
    internal static T Parse<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return read(document.RootElement);
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"unreadable document: {problem.Message}", problem);
        }
    }
}
