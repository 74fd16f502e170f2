using System.Globalization;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.FastNetMon;

/// <summary>The text that FastNetMon Community gives its notify script on standard input, followed by what only we know.</summary>
public static class FastNetMonText
{
    private static readonly (int Bit, string Name)[] FlagNames = [(1, "fin"), (2, "syn"), (4, "rst"), (8, "psh"), (16, "ack"), (32, "urg"), (64, "ece"), (128, "cwr")];

    public static string Write(FastNetMonAttack attack)
    {
        var incident = attack.Incident;
        var line = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.Append(line, $"IP: {attack.Address}\nAttack type: {attack.Type}\n");
        text.Append(line, $"Initial attack power: {attack.PacketsPerSecond} packets per second\nPeak attack power: {attack.PacketsPerSecond} packets per second\n");
        text.Append(line, $"Attack direction: {attack.Direction}\nAttack protocol: {attack.Protocol}\n");
        foreach (var kind in new[] { "Total", "Average" })
        {
            Both(text, attack, kind + " {0} traffic", Megabits(attack.BytesPerSecond), "mbps");
            Both(text, attack, kind + " {0} pps", attack.PacketsPerSecond, "packets per second");
            Both(text, attack, kind + " {0} flows", 0, "flows per second");
        }
        foreach (var (name, packets, bytes) in attack.Classes)
        {
            Both(text, attack, "{1} " + name + " traffic", Megabits(bytes), "mbps");
            Both(text, attack, "{1} " + name + " pps", packets, "packets per second");
        }
        var size = attack.PacketsPerSecond > 0 ? (double)attack.BytesPerSecond / attack.PacketsPerSecond : 0;
        text.Append(line, $"Average packet size for incoming traffic: {(attack.Incoming ? size : 0):0.0} bytes \n");
        text.Append(line, $"Average packet size for outgoing traffic: {(attack.Incoming ? 0 : size):0.0} bytes \n\n");

        text.Append(line, $"{incident.Explanation}\n\n");
        text.Append(line, $"Incident: {incident.Id}\nSeverity: {incident.Severity.Name()}\nVectors: {string.Join(", ", incident.Vectors)}\n");
        text.Append(line, $"Started: {incident.Start}\nPeak: {incident.PeakPacketsPerSecond:F0} packets/s, {incident.PeakBitsPerSecond:F0} bit/s\n");
        text.Append(line, $"Sources: {incident.SourceCount}\n");
        foreach (var finding in incident.Findings) text.Append(line, $"Because: {finding.Because}\n");
        text.Append('\n');
        foreach (var flow in incident.Evidence.Flows.Take(FastNetMonAttack.MaxFlows)) text.Append(Flow(flow)).Append('\n');
        return text.ToString();
    }

    /// <summary>One line of FastNetMon's packet dump; ours may be a flow of several packets.</summary>
    internal static string Flow(in Flow flow)
    {
        var flags = flow.Protocol == 6 ? $"flags: {Flags(flow.TcpFlags)} " : "";
        var fragment = (flow.Flags & FlowFlags.Fragment) != 0 ? 1 : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{flow.Start.ToDateTimeOffset().UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff} {End(flow.Source, flow.SourcePort)} > {End(flow.Destination, flow.DestinationPort)} ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"protocol: {FastNetMonAttack.ProtocolName(flow.Protocol)} {flags}frag: {fragment}  packets: {flow.Packets} size: {flow.Bytes} bytes ttl: {flow.Ttl} sample ratio: {SampleRatio(flow)}");
    }

    internal static string Flags(byte flags) => string.Join(',', FlagNames.Where(f => (flags & f.Bit) != 0).Select(f => f.Name));

    internal static long SampleRatio(in Flow flow) => flow.SampledPackets == 0 ? 1 : Math.Max(1, flow.Packets / flow.SampledPackets);

    private static string End(IpAddr address, ushort port) => string.Create(CultureInfo.InvariantCulture, $"{(address.IsV4 ? $"{address}" : $"[{address}]")}:{port}");

    /// <summary>A line for each direction; the one that the attack does not have is 0.</summary>
    private static void Both(StringBuilder text, FastNetMonAttack attack, string label, long value, string unit)
    {
        var line = CultureInfo.InvariantCulture;
        text.Append(line, $"{string.Format(line, label, "incoming", "Incoming")}: {(attack.Incoming ? value : 0)} {unit}\n");
        text.Append(line, $"{string.Format(line, label, "outgoing", "Outgoing")}: {(attack.Incoming ? 0 : value)} {unit}\n");
    }

    private static long Megabits(long bytesPerSecond) => bytesPerSecond * 8 / 1_000_000;
}
