using System.Text.Json;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>How a mitigation fares at one place, as JSON.</summary>
internal static class MitigationStatusJson
{
    public static void Write(Utf8JsonWriter json, MitigationStatus status)
    {
        json.WriteStartObject();
        json.WriteString("mitigator", status.Mitigator);
        json.WriteString("place", status.Place);
        json.WriteString("state", Name(status.State));
        json.WriteString("since", Rfc3339.Format(status.Since));
        json.WriteString("seenIn", status.SeenIn);
        json.WriteString("problem", status.Problem);
        json.WriteString("note", status.Note);
        WriteCount(json, "droppedPackets", status.DroppedPackets);
        WriteCount(json, "droppedBytes", status.DroppedBytes);
        json.WriteEndObject();
    }

    private static void WriteCount(Utf8JsonWriter json, string name, long? count)
    {
        if (count is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }

    private static string Name(PlacementState state) => state switch
    {
        PlacementState.Pending => "pending",
        PlacementState.Sent => "sent",
        PlacementState.Seen => "seen",
        PlacementState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
