using System.Text.Json;
using Breakwater.Core.Cases;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>A case as JSON: in the store, and in the API.</summary>
public static class CaseJson
{
    public static void Write(Utf8JsonWriter json, Case @case)
    {
        json.WriteStartObject();
        json.WriteString("id", @case.Id);
        json.WriteString("host", @case.Host.ToString());
        json.WriteString("hostGroup", @case.HostGroup);
        json.WriteString("state", @case.State.Name());
        json.WriteTime("opened", @case.Opened);
        json.WriteTime("since", @case.Since);
        json.WriteTime("lastSeen", @case.LastSeen);
        json.WriteDouble("confidence", @case.Confidence);
        json.WriteNumber("reinfections", @case.Reinfections);
        json.WriteStrings("kinds", @case.Kinds.Select(k => k.Name()));
        json.WriteStrings("incidents", @case.Incidents);
        json.WriteObjects("traffic", @case.Traffic, line =>
        {
            json.WriteTime("at", line.At);
            json.WriteString("kind", line.Kind.Name());
            json.WriteNumber("protocol", line.Protocol);
            json.WriteNumber("sourcePort", line.SourcePort);
            json.WriteString("destination", line.Destination.ToString());
            json.WriteNumber("destinationPort", line.DestinationPort);
        });
        json.WriteObjects("history", @case.History, told =>
        {
            json.WriteTime("at", told.At);
            json.WriteString("what", told.What);
            json.WriteString("who", told.Who);
            json.WriteString("why", told.Why);
        });
        json.WriteStrings("steps", @case.State.Possible().Select(s => s.Name()));
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">The text is not a case.</exception>
    public static Case Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Read(document.RootElement);
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"unreadable case: {problem.Message}", problem);
        }
    }

    public static Case Read(JsonElement json) => new()
    {
        Id = json.Text("id"),
        Host = IpAddr.Parse(json.Text("host")),
        HostGroup = json.Text("hostGroup"),
        State = CaseNames.TryParseState(json.Text("state"), out var state) ? state : throw new FormatException("state is none"),
        Opened = json.Time("opened"),
        Since = json.Time("since"),
        LastSeen = json.Time("lastSeen"),
        Confidence = json.Double("confidence"),
        Reinfections = (int)json.Long("reinfections"),
        Kinds = json.List("kinds", k => Kind(k.GetString() ?? "")),
        Incidents = json.Strings("incidents"),
        Traffic = json.List("traffic", t => new CaseTraffic(t.Time("at"), Kind(t.Text("kind")), (byte)t.Long("protocol"), (ushort)t.Long("sourcePort"), IpAddr.Parse(t.Text("destination")), (ushort)t.Long("destinationPort"))),
        History = json.List("history", h => new CaseEvent(h.Time("at"), h.Text("what"), h.Text("who"), h.Text("why"))),
    };

    private static IncidentKind Kind(string name) => IncidentNames.TryParseKind(name, out var kind) ? kind : throw new FormatException($"'{name}' is no kind of incident");
}
