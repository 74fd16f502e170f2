using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Engine.Storage;

namespace Breakwater.Server.Api;

/// <summary>Where a page of incidents or mitigations ended, as text that means nothing to others.</summary>
internal static class Cursor
{
    private const int MaxIdentifier = 200;

    public static string After(Incident incident) => After(incident.Start, incident.Id);

    public static string After(Timestamp start, string id)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(id)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, start.Nanoseconds);
        Encoding.UTF8.GetBytes(id, bytes.AsSpan(8));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out IncidentCursor cursor)
    {
        cursor = default;
        if (text.Length > MaxIdentifier * 2 || !Base64Url.IsValid(text)) return false;
        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length <= 8) return false;
        cursor = new IncidentCursor(new Timestamp(BinaryPrimitives.ReadInt64BigEndian(bytes)), Encoding.UTF8.GetString(bytes.AsSpan(8)));
        return true;
    }
}
