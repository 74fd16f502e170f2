using System.Text.Json;
using Breakwater.Core.Incidents;

namespace Breakwater.Protocols.Json;

/// <summary>The two fields of an incident that hold its evidence: <c>evidence</c> (flows) and <c>evidencePackets</c>.</summary>
public static class EvidenceJson
{
    /// <summary>Writes the evidence as an object of its own, as the store keeps it.</summary>
    public static void Write(Utf8JsonWriter json, Evidence evidence)
    {
        json.WriteStartObject();
        WriteFlows(json, evidence);
        WritePackets(json, evidence);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not such a document.</exception>
    public static Evidence Read(ReadOnlyMemory<byte> utf8) => IncidentJson.Parse(utf8, Read);

    internal static void WriteFlows(Utf8JsonWriter json, Evidence evidence)
    {
        json.WriteList("evidence", evidence.Flows, static (list, flow) => FlowJson.Write(list, flow));
    }

    internal static void WritePackets(Utf8JsonWriter json, Evidence evidence)
    {
        json.WriteStartObject("evidencePackets");
        json.WriteNumber("linkType", evidence.LinkType);
        json.WriteObjects("packets", evidence.Packets, packet =>
        {
            json.WriteTime("time", packet.Time);
            json.WriteNumber("originalLength", packet.OriginalLength);
            json.WriteBase64String("bytes", packet.Bytes);
        });
        json.WriteEndObject();
    }

    /// <summary>What is there of both fields; each may be absent.</summary>
    internal static Evidence Read(JsonElement json)
    {
        var flows = json.TryGetProperty("evidence", out _) ? json.List("evidence", FlowJson.Read) : [];
        if (!json.TryGetProperty("evidencePackets", out var packets)) return flows.Length == 0 ? Evidence.Empty : Evidence.Empty with { Flows = flows };
        return new Evidence(flows, packets.List("packets", ReadPacket), packets.GetProperty("linkType").GetInt32());
    }

    private static EvidencePacket ReadPacket(JsonElement json) =>
        new(json.Time("time"), json.GetProperty("bytes").GetBytesFromBase64(), json.GetProperty("originalLength").GetInt32());
}
