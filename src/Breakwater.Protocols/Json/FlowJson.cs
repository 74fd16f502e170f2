using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>One flow as a JSON object: an element of an incident's <c>evidence</c>, and one line of its JSON lines export.</summary>
public static class FlowJson
{
    private static readonly (FlowFlags Flag, string Name)[] FlagNames =
    [
        (FlowFlags.Fragment, "fragment"),
        (FlowFlags.LaterFragment, "later-fragment"),
        (FlowFlags.SamplingUnknown, "sampling-unknown"),
        (FlowFlags.Tunnelled, "tunnelled"),
        (FlowFlags.Egress, "egress"),
        (FlowFlags.Dropped, "dropped"),
        (FlowFlags.AuthenticationHeader, "authentication-header"),
        (FlowFlags.ExtensionHeaders, "extension-headers"),
        (FlowFlags.SinglePacket, "single-packet"),
        (FlowFlags.Malformed, "malformed"),
        (FlowFlags.Arp, "arp"),
        (FlowFlags.Reverse, "reverse"),
        (FlowFlags.Answered, "answered"),
    ];

    public static void Write(Utf8JsonWriter json, in Flow flow)
    {
        json.WriteStartObject();
        json.WriteTime("start", flow.Start);
        json.WriteTime("end", flow.End);
        json.WriteString("source", flow.Source.ToString());
        json.WriteNumber("sourcePort", flow.SourcePort);
        json.WriteString("destination", flow.Destination.ToString());
        json.WriteNumber("destinationPort", flow.DestinationPort);
        json.WriteNumber("protocol", flow.Protocol);
        json.WriteNumber("tcpFlags", flow.TcpFlags);
        json.WriteNumber("tos", flow.Tos);
        json.WriteNumber("ttl", flow.Ttl);
        json.WriteNumber("packets", flow.Packets);
        json.WriteNumber("bytes", flow.Bytes);
        json.WriteNumber("sampledPackets", flow.SampledPackets);
        json.WriteNumber("inputInterface", flow.InputInterface);
        json.WriteNumber("outputInterface", flow.OutputInterface);
        json.WriteNumber("exporter", flow.Exporter);
        json.WriteStartArray("flags");
        foreach (var (flag, name) in FlagNames)
            if ((flow.Flags & flag) != 0) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">A value is not what the field holds. Missing fields throw as <see cref="JsonElement"/> does.</exception>
    internal static Flow Read(JsonElement json)
    {
        var flags = FlowFlags.None;
        foreach (var name in json.Strings("flags")) flags |= Flag(name);
        return new Flow
        {
            Start = json.Time("start"),
            End = json.Time("end"),
            Source = IpAddr.Parse(json.Text("source")),
            SourcePort = json.GetProperty("sourcePort").GetUInt16(),
            Destination = IpAddr.Parse(json.Text("destination")),
            DestinationPort = json.GetProperty("destinationPort").GetUInt16(),
            Protocol = json.GetProperty("protocol").GetByte(),
            TcpFlags = json.GetProperty("tcpFlags").GetByte(),
            Tos = json.GetProperty("tos").GetByte(),
            Ttl = json.GetProperty("ttl").GetByte(),
            Packets = json.Long("packets"),
            Bytes = json.Long("bytes"),
            SampledPackets = json.GetProperty("sampledPackets").GetUInt32(),
            InputInterface = json.GetProperty("inputInterface").GetUInt32(),
            OutputInterface = json.GetProperty("outputInterface").GetUInt32(),
            Exporter = json.GetProperty("exporter").GetUInt16(),
            Flags = flags,
        };
    }

    private static FlowFlags Flag(string name)
    {
        foreach (var known in FlagNames)
            if (known.Name == name) return known.Flag;
        throw new FormatException($"'{name}' is not a flow flag");
    }
}
