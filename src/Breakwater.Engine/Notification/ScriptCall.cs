using System.Globalization;
using System.Text;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Notification;

/// <summary>One run of the script: its arguments, and what it reads on standard input.</summary>
/// <param name="IncidentId">Runs for the same incident follow one another.</param>
internal sealed record ScriptCall(string IncidentId, IReadOnlyList<string> Arguments, string Input)
{
    private const int MaxFlows = 100;

    /// <summary>The call for an incident; null for one that a script of FastNetMon's kind has no words for.</summary>
    public static ScriptCall? For(Incident incident, bool begins)
    {
        var (subject, direction) = incident.Kind switch
        {
            IncidentKind.Ddos => (incident.Target ?? HostOf(incident), "incoming"),
            IncidentKind.OutboundAttack => (HostOf(incident) ?? incident.Target, "outgoing"),
            _ => (null, ""),
        };
        if (subject is not { } target) return null;
        var rate = ((long)Math.Min(incident.PeakPacketsPerSecond, 1e15)).ToString(CultureInfo.InvariantCulture);
        return new ScriptCall(
            incident.Id,
            [target.IsHost ? target.Address.ToString() : target.ToString(), direction, rate, begins ? "ban" : "unban"],
            begins ? Details(incident) : "");
    }

    private static Prefix? HostOf(Incident incident) => incident.Host is { } host ? new Prefix(host, host.Bits) : null;

    private static string Details(Incident incident)
    {
        var text = new StringBuilder();
        var line = CultureInfo.InvariantCulture;
        text.Append(line, $"{incident.Explanation}\n\n");
        text.Append(line, $"Incident: {incident.Id}\nSeverity: {incident.Severity.Name()}\nVectors: {string.Join(", ", incident.Vectors)}\n");
        text.Append(line, $"Started: {incident.Start}\nPeak: {incident.PeakPacketsPerSecond:F0} packets/s, {incident.PeakBitsPerSecond:F0} bit/s\n");
        text.Append(line, $"Sources: {incident.SourceCount}\n");
        foreach (var finding in incident.Findings) text.Append(line, $"Because: {finding.Because}\n");
        text.Append('\n');
        foreach (var flow in incident.Evidence.Flows.Take(MaxFlows))
        {
            text.Append(line, $"{flow.Start} {flow.Source} {flow.SourcePort} > {flow.Destination} {flow.DestinationPort} ");
            text.Append(line, $"protocol {flow.Protocol} flags {flow.TcpFlags} packets {flow.Packets} bytes {flow.Bytes} sampled {flow.SampledPackets}\n");
        }
        return text.ToString();
    }
}
