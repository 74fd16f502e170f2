using System.Buffers;
using System.Text.Json;
using Breakwater.Protocols.Json;

namespace Breakwater.Engine.Notification;

/// <summary>A message as JSON, schema <c>breakwater.notice/1</c>. The fields are a contract: docs/notifications.md.</summary>
public static class NoticeJson
{
    public const string Schema = "breakwater.notice/1";

    public static byte[] Write(NoticeGroup group)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("id", group.Id);
            json.WriteString("title", group.Title());
            json.WriteNumber("left", group.Left);
            json.WriteList("notices", group.Notices, Write);
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Notice notice)
    {
        json.WriteStartObject();
        json.WriteString("id", notice.Id);
        json.WriteString("kind", notice.Kind.Name());
        json.WriteString("time", Rfc3339.Format(notice.Time));
        json.WriteString("title", notice.Title());
        if (notice.Incident is { } incident)
        {
            json.WritePropertyName("incident");
            IncidentJson.Write(json, incident, IncidentDetail.Summary);
        }
        if (notice.Mitigation is { } mitigation)
        {
            json.WritePropertyName("mitigation");
            MitigationLifeJson.Write(json, mitigation);
        }
        json.WriteEndObject();
    }
}
