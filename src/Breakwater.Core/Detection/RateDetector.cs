using Breakwater.Core.Metering;

namespace Breakwater.Core.Detection;

/// <summary>A threshold was passed: says which, by how much, and what the traffic is made of.</summary>
/// <remarks>
/// The test is a CUSUM with the threshold as reference and <see cref="DetectionOptions.Burst"/> as decision interval, per host
/// and class, in and out apart, kept by the meter. A fifth of the burst must have gone by since the level was first passed,
/// and enough packets must really have been seen.
/// </remarks>
public sealed class RateDetector : IDetector
{
    /// <summary>Share of the lane's packets from which a kind of traffic counts as a vector of its own.</summary>
    private const double VectorShare = 0.1;

    public string Name => "rate";

    public void Examine(Examination look, List<Finding> findings)
    {
        if (look.Watch.Alarm is not { } alarm) return;
        var profile = alarm.Inbound ? look.In : look.Out;
        if (profile.SampledPackets < look.Options.MinSampledPackets || look.Now - alarm.Since < look.Options.Burst / 5) return;

        var all = 0.0;
        foreach (var component in profile.Components)
            if (InLane(component, alarm.Lane)) all += Weight(component, alarm.Lane);
        if (all <= 0) return;
        var ordinary = (TrafficComponent?)null;
        foreach (var component in profile.Components)
        {
            if (!InLane(component, alarm.Lane) || Weight(component, alarm.Lane) < VectorShare * all) continue;
            var vector = VectorOf(look, component, alarm.Inbound);
            if (vector is null)
            {
                if (ordinary is null || Weight(component, alarm.Lane) > Weight(ordinary, alarm.Lane)) ordinary = component;
                continue;
            }
            Add(look, alarm, component, vector, 0.8, findings);
        }
        // Too much of what looks ordinary (a speed test, a flash crowd, a backup) is said of a host, but only when nothing worse
        // is there; what is usual for more than a host is the baseline's to say.
        if (!look.Watch.IsPrefix && findings.Count == 0 && ordinary is not null) Add(look, alarm, ordinary, Vectors.HighRate, 0.5, findings);
    }

    private void Add(Examination look, LaneAlarm alarm, TrafficComponent component, string vector, double confidence, List<Finding> findings)
    {
        if (!look.IsSpread(component) || IsSweep(look, component)) return;
        var lane = Lanes.Names[alarm.Lane];
        var unit = alarm.Lane == Lanes.Bits ? "bit/s" : "/s";
        // The busiest second passed the threshold, not the mean of what is left of the window.
        var rate = alarm.Lane == Lanes.Bits
            ? Math.Max(Examination.BitRate(component), component.PeakBitsPerSecond)
            : Math.Max(Examination.PacketRate(component), component.PeakPacketsPerSecond);
        findings.Add(look.Claim(Name, vector, component, alarm.Inbound, confidence + (rate > 2 * alarm.Threshold ? 0.1 : 0),
            $"{lane} {(alarm.Inbound ? "to" : "from")} the target above the threshold of {Examination.Count(alarm.Threshold)}{unit}" +
            $"{(alarm.Slow ? " over a minute of long flow records" : "")}: {Examination.Count(rate)}{unit} of {vector}",
            $"would not have fired at a threshold of {Examination.Count(rate * 1.1)}{unit}",
            new("threshold", alarm.Threshold), new("rate", Math.Round(rate, 1)), new("burstSeconds", look.Options.Burst.TotalSeconds)));
    }

    /// <summary>A few sources with a packet or two for each host of a prefix look for something: a scan, however fast.</summary>
    private static bool IsSweep(Examination look, TrafficComponent component) =>
        look.Watch.IsPrefix && component.Peers < 10 && component.Packets <= 3 * component.Locals;

    private static double Weight(TrafficComponent component, int lane) => lane == Lanes.Bits ? component.Bytes : component.Packets;

    private static bool InLane(TrafficComponent component, int lane) => lane switch
    {
        Lanes.Syn => component.Key.Kind is TrafficKind.TcpSyn or TrafficKind.TcpOdd,
        Lanes.Answer => component.Key.Kind is TrafficKind.TcpSynAck or TrafficKind.TcpRst,
        Lanes.Udp => component.Key.Kind is TrafficKind.UdpAnswer or TrafficKind.UdpRequest or TrafficKind.UdpOther,
        Lanes.Icmp => component.Key.Kind == TrafficKind.Icmp,
        Lanes.Fragment => component.Key.Kind is TrafficKind.Fragment or TrafficKind.OtherProtocol or TrafficKind.UdpAnswer or TrafficKind.UdpOther,
        _ => true,
    };

    /// <returns>Null for traffic that looks ordinary.</returns>
    private static string? VectorOf(Examination look, TrafficComponent component, bool inbound)
    {
        switch (component.Key.Kind)
        {
            case TrafficKind.TcpSyn:
                // New connections that go on to carry data are a crowd of clients.
                return (inbound ? look.In : look.Out).PacketsOf(TrafficKind.TcpData) > 2 * component.Packets ? null : Vectors.SynFlood;
            case TrafficKind.TcpSynAck: return inbound ? Vectors.SynAckReflection : null;
            case TrafficKind.TcpRst: return inbound ? Vectors.RstReflection : null;
            case TrafficKind.TcpOdd: return Vectors.TcpFlagsFlood;
            case TrafficKind.Icmp: return Vectors.IcmpFlood;
            case TrafficKind.Fragment: return Vectors.FragmentFlood;
            case TrafficKind.OtherProtocol: return OneSided(look, component, inbound) ? Vectors.ProtocolFlood : null;
            case TrafficKind.UdpAnswer when inbound:
                return look.Requests(component.Key.Value) * 2 >= component.Packets ? null : Vectors.ReflectionAt(component.Key.Value)!.Vector;
            case TrafficKind.UdpAnswer:
                return null;
            case TrafficKind.UdpRequest or TrafficKind.UdpOther:
                if (!OneSided(look, component, inbound)) return null;
                return inbound && component.Peers >= 50 && component.SourcePorts.Share(1) >= 0.8 ? Vectors.UdpReflection : Vectors.UdpFlood;
            default:
                return OneSided(look, component, inbound) && component.Peers >= (component.Packets > 1.5 * component.SampledPackets ? 0.9 : 0.3) * component.SampledPackets && component.ConnectionPackets < 0.3 * component.Packets ? Vectors.AckFlood : null;
        }
    }

    /// <summary>True when next to nothing of the same protocol goes the other way.</summary>
    private static bool OneSided(Examination look, TrafficComponent component, bool inbound)
    {
        var back = inbound ? look.Out : look.In;
        var answers = component.Key.Kind switch
        {
            TrafficKind.OtherProtocol => back.PacketsOf(TrafficKind.OtherProtocol, component.Key.Value),
            TrafficKind.TcpData => back.PacketsOf(TrafficKind.TcpData) + back.PacketsOf(TrafficKind.TcpSynAck),
            _ => back.PacketsOf(TrafficKind.UdpOther) + back.PacketsOf(TrafficKind.UdpAnswer) + back.PacketsOf(TrafficKind.UdpRequest),
        };
        return answers * 10 < component.Packets;
    }
}
