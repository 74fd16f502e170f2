using System.Text.Json;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Json;

/// <summary>What the network does now, as JSON: in the API, and once a second as an event.</summary>
public static class TrafficJson
{
    public static void Write(Utf8JsonWriter json, TrafficSnapshot traffic)
    {
        json.WriteStartObject();
        json.WriteTime("time", traffic.Time);
        Write(json, "in", traffic.In);
        Write(json, "out", traffic.Out);
        Write(json, "internal", traffic.Internal);
        Write(json, "transit", traffic.Transit);
        WriteClasses(json, "inByClass", traffic.InByClass);
        WriteClasses(json, "outByClass", traffic.OutByClass);
        json.WriteObjects("topHosts", traffic.TopHosts, host =>
        {
            json.WriteString("host", host.Host.ToString());
            json.WriteString("hostGroup", host.HostGroup);
            Write(json, "in", host.In);
            Write(json, "out", host.Out);
        });
        json.WriteNumber("hosts", traffic.Hosts);
        json.WriteNumber("hostsRefused", traffic.HostsRefused);
        json.WriteNumber("openIncidents", traffic.OpenIncidents);
        json.WriteEndObject();
    }

    private static void WriteClasses(Utf8JsonWriter json, string name, IReadOnlyList<Rates> rates)
    {
        json.WriteStartObject(name);
        for (var i = 0; i < rates.Count; i++) Write(json, ((TrafficClass)i).Name(), rates[i]);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Rates rates)
    {
        json.WriteStartObject(name);
        json.WriteDouble("packetsPerSecond", rates.PacketsPerSecond);
        json.WriteDouble("bitsPerSecond", rates.BitsPerSecond);
        json.WriteDouble("flowsPerSecond", rates.FlowsPerSecond);
        json.WriteEndObject();
    }
}
