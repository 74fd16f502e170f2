using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Breakwater.Protocols.Json;

/// <summary>JSON that people can read: quotes and letters of other languages stand as themselves. Not for inside of HTML.</summary>
public static class PlainJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <returns>UTF-8.</returns>
    public static byte[] Write(JsonNode node, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, indented ? Indented : Compact)) node.WriteTo(json);
        return buffer.WrittenSpan.ToArray();
    }
}
