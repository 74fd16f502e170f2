using System.Text.Json;
using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;

namespace Breakwater.Protocols.Json;

/// <summary>What speaks against the numbers of a finding or an incident, as JSON.</summary>
internal static class QualityNoteJson
{
    private const string Field = "qualityNotes";

    public static void Write(Utf8JsonWriter json, IReadOnlyList<QualityNote> notes)
    {
        json.WriteStartArray(Field);
        foreach (var note in notes)
        {
            json.WriteStartObject();
            json.WriteString("issue", note.Issue.Name());
            json.WriteString("exporter", note.Exporter);
            json.WriteDouble("amount", note.Amount);
            json.WriteString("text", note.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Documents of earlier versions have none; notes of later ones are passed over.</summary>
    public static IReadOnlyList<QualityNote> Read(JsonElement json)
    {
        var notes = new List<QualityNote>();
        if (!json.TryGetProperty(Field, out var written)) return notes;
        foreach (var note in written.EnumerateArray())
            if (IncidentNames.TryParseIssue(note.Text("issue"), out var issue)) notes.Add(new(issue, note.Text("exporter"), note.Double("amount"), note.Text("text")));
        return notes;
    }
}
