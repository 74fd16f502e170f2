using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>A proposed mitigation as JSON. A component that matches anything is left out of <c>match</c>.</summary>
public static class MitigationJson
{
    public static void Write(Utf8JsonWriter json, ProposedMitigation mitigation)
    {
        json.WriteStartObject();
        json.WritePropertyName("match");
        WriteMatch(json, mitigation.Match);
        json.WriteString("action", mitigation.Action.Name());
        json.WriteDouble("attackShare", mitigation.AttackShare);
        if (mitigation.CollateralShare is { } collateral) json.WriteDouble("collateralShare", collateral);
        else json.WriteNull("collateralShare");
        if (mitigation.RateBitsPerSecond is { } rate) json.WriteDouble("rateBitsPerSecond", rate);
        json.WriteEndObject();
    }

    public static void WriteMatch(Utf8JsonWriter json, TrafficMatch match)
    {
        json.WriteStartObject();
        if (match.Destination is { } destination) json.WriteString("destination", JsonFields.Text(destination));
        if (match.Source is { } source) json.WriteString("source", JsonFields.Text(source));
        if (match.Protocols.Count > 0)
        {
            json.WriteStartArray("protocols");
            foreach (var protocol in match.Protocols) json.WriteNumberValue(protocol);
            json.WriteEndArray();
        }
        WriteRanges(json, "sourcePorts", match.SourcePorts);
        WriteRanges(json, "destinationPorts", match.DestinationPorts);
        WriteRanges(json, "icmpTypes", match.IcmpTypes);
        WriteRanges(json, "icmpCodes", match.IcmpCodes);
        if (match.TcpFlagsMask != 0)
        {
            json.WriteStartObject("tcpFlags");
            json.WriteNumber("value", match.TcpFlags);
            json.WriteNumber("mask", match.TcpFlagsMask);
            json.WriteEndObject();
        }
        WriteRanges(json, "packetLengths", match.PacketLengths);
        WriteRanges(json, "dscp", match.Dscp);
        if (match.Fragment is { } fragment) json.WriteBoolean("fragment", fragment);
        json.WriteEndObject();
    }

    private static void WriteRanges(Utf8JsonWriter json, string name, IReadOnlyList<ValueRange> ranges)
    {
        if (ranges.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var range in ranges)
        {
            json.WriteStartObject();
            json.WriteNumber("from", range.From);
            json.WriteNumber("to", range.To);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    internal static ProposedMitigation Read(JsonElement json) =>
        new(ReadMatch(json.GetProperty("match")),
            MitigationNames.TryParseAction(json.Text("action"), out var action) ? action : throw new FormatException("action is not a known action"),
            json.Double("attackShare"),
            json.GetProperty("collateralShare").ValueKind == JsonValueKind.Null ? null : json.Double("collateralShare"))
        {
            RateBitsPerSecond = json.TryGetProperty("rateBitsPerSecond", out _) ? json.Double("rateBitsPerSecond") : null,
        };

    /// <exception cref="Exception">As those of <see cref="JsonElement"/>, or <see cref="FormatException"/>: the document is not a match.</exception>
    internal static TrafficMatch ReadMatch(JsonElement json)
    {
        var hasFlags = json.TryGetProperty("tcpFlags", out var flags);
        return new TrafficMatch
        {
            Destination = json.TryGetProperty("destination", out _) ? Prefix.Parse(json.Text("destination")) : null,
            Source = json.TryGetProperty("source", out _) ? Prefix.Parse(json.Text("source")) : null,
            Protocols = json.TryGetProperty("protocols", out _) ? json.List("protocols", p => p.GetByte()) : [],
            SourcePorts = ReadRanges(json, "sourcePorts"),
            DestinationPorts = ReadRanges(json, "destinationPorts"),
            IcmpTypes = ReadRanges(json, "icmpTypes"),
            IcmpCodes = ReadRanges(json, "icmpCodes"),
            TcpFlags = hasFlags ? flags.GetProperty("value").GetByte() : default,
            TcpFlagsMask = hasFlags ? flags.GetProperty("mask").GetByte() : default,
            PacketLengths = ReadRanges(json, "packetLengths"),
            Dscp = ReadRanges(json, "dscp"),
            Fragment = json.TryGetProperty("fragment", out var fragment) ? fragment.GetBoolean() : null,
        };
    }

    private static ValueRange[] ReadRanges(JsonElement json, string name) =>
        json.TryGetProperty(name, out _)
            ? json.List(name, r => new ValueRange(r.GetProperty("from").GetInt32(), r.GetProperty("to").GetInt32()))
            : [];
}
