using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.FastNetMon;

/// <summary>An incident as FastNetMon would tell it, so that scripts and receivers made for it work unchanged.</summary>
/// <remarks>
/// It knows hosts with an attack coming in or going out, and nothing else. Its rates by protocol are ours as far as the incident's sample of
/// flows goes: the peak, divided as the sample is. The traffic that is not the attack's is not in them.
/// </remarks>
public sealed class FastNetMonAttack
{
    /// <summary>As many flows as FastNetMon shows packets by default.</summary>
    public const int MaxFlows = 100;

    private FastNetMonAttack(Incident incident, Prefix subject, bool incoming)
    {
        Incident = incident;
        Subject = subject;
        Incoming = incoming;
        double packets = 0, bytes = 0;
        foreach (var flow in incident.Evidence.Flows)
        {
            packets += flow.Packets;
            bytes += flow.Bytes;
        }
        Classes = [.. Names.Select(name => Rate(name, packets, bytes))];
        Protocol = Classes.Where(c => c.Name is "tcp" or "udp" or "icmp").MaxBy(c => c.PacketsPerSecond) is { PacketsPerSecond: > 0 } most ? most.Name : "unknown";
    }

    /// <summary>FastNetMon's classes of traffic in its order; "syn tcp" is a part of "tcp", and fragments are in their protocol, too.</summary>
    private static readonly string[] Names = ["ip fragmented", "tcp", "syn tcp", "udp", "icmp"];

    public Incident Incident { get; }

    /// <summary>Whom the attack hits, or who sends it.</summary>
    public Prefix Subject { get; }

    /// <summary>False for an attack that a host of ours sends.</summary>
    public bool Incoming { get; }

    public string Direction => Incoming ? "incoming" : "outgoing";

    /// <summary>"192.0.2.7"; a prefix with its length.</summary>
    public string Address => Subject.ToShortString();

    /// <summary>Packets per second at the peak so far.</summary>
    public long PacketsPerSecond => Whole(Incident.PeakPacketsPerSecond);

    /// <summary>Octets per second at the peak so far.</summary>
    public long BytesPerSecond => Whole(Incident.PeakBitsPerSecond / 8);

    /// <summary>"syn_flood", "udp_flood", "dns_amplification" … The words are free; these are FastNetMon's where it has one.</summary>
    public string Type => Incident.Vectors.Count == 0 ? "unknown" : Incident.Vectors[0].Replace('-', '_');

    /// <summary>"tcp", "udp", "icmp" or "unknown".</summary>
    public string Protocol { get; }

    /// <summary>"low", "middle" or "high".</summary>
    public string Severity => Incident.Severity switch
    {
        <= Core.Incidents.Severity.Low => "low",
        Core.Incidents.Severity.Medium => "middle",
        _ => "high",
    };

    /// <summary>Rates by class of traffic.</summary>
    internal IReadOnlyList<ClassRate> Classes { get; }

    /// <summary>Null for an incident that FastNetMon has no words for.</summary>
    public static FastNetMonAttack? Of(Incident incident)
    {
        var host = incident.Host is { } address ? new Prefix(address, address.Bits) : (Prefix?)null;
        return incident.Kind switch
        {
            IncidentKind.Ddos when (incident.Target ?? host) is { } target => new FastNetMonAttack(incident, target, incoming: true),
            // A script bans who it is called for: it was written for floods, not for hosts that send spam.
            IncidentKind.OutboundAttack when incident.PeakPacketsPerSecond > 0 && (host ?? incident.Target) is { } sender => new FastNetMonAttack(incident, sender, incoming: false),
            _ => null,
        };
    }

    internal static string ProtocolName(byte protocol) => protocol switch { 6 => "tcp", 17 => "udp", 1 or 58 => "icmp", _ => "unknown" };

    private ClassRate Rate(string name, double allPackets, double allBytes)
    {
        double packets = 0, bytes = 0;
        foreach (var flow in Incident.Evidence.Flows)
        {
            if (!IsOf(name, flow)) continue;
            packets += flow.Packets;
            bytes += flow.Bytes;
        }
        return new ClassRate(
            name, allPackets > 0 ? Whole(PacketsPerSecond * (packets / allPackets)) : 0, allBytes > 0 ? Whole(BytesPerSecond * (bytes / allBytes)) : 0);
    }

    private static bool IsOf(string name, in Flow flow) => name switch
    {
        "ip fragmented" => (flow.Flags & FlowFlags.Fragment) != 0,
        // A SYN with ACK is an answer.
        "syn tcp" => flow.Protocol == 6 && (flow.TcpFlags & 0x12) == 2,
        _ => ProtocolName(flow.Protocol) == name,
    };

    /// <summary>Counters of ours are estimates and may be anything; a number in a script must be one.</summary>
    private static long Whole(double value) => double.IsFinite(value) && value > 0 ? (long)Math.Min(value, 1e15) : 0;

    internal readonly record struct ClassRate(string Name, long PacketsPerSecond, long BytesPerSecond);
}
