using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>Writes the document that <c>breakwater analyze --json</c> prints: schema <c>breakwater.analysis/1</c>, docs/analysis-json.md.</summary>
/// <remarks>The same report always gives the same bytes.</remarks>
public static class AnalysisJson
{
    public const string Schema = "breakwater.analysis/1";

    /// <summary>Readable in a terminal, and still safe inside an HTML page: &lt;, &gt;, &amp; and quotes are escaped.</summary>
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    /// <summary>Writes the whole document, in UTF-8, without a trailing newline.</summary>
    public static void Write(IBufferWriter<byte> output, AnalysisReport report)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        WriteInput(json, report);
        json.WriteList("incidents", report.Incidents, static (list, incident) => IncidentJson.Write(list, incident));
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, AnalysisReport report)
    {
        json.WriteStartObject("input");
        json.WriteStrings("files", report.Files);
        json.WriteString("format", report.Format);
        json.WriteNumber("packets", report.Packets);
        json.WriteNumber("flows", report.Flows);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteTime("from", report.From);
        json.WriteTime("to", report.To);
        json.WriteStrings("home", report.Home.Select((Prefix p) => p.ToString()));
        json.WriteBoolean("homeInferred", report.HomeInferred);
        json.WriteStrings("problems", report.Problems);
        json.WriteEndObject();
    }
}
