using Breakwater.Core.Metering;

namespace Breakwater.Core.Detection;

/// <summary>Answers of UDP services that nobody asked for: reflection and amplification, by port table and, for ports outside it, by shape.</summary>
/// <remarks>
/// Never by a minimum size: real attacks send answers of 124 octets as well as of 1,500. What gives them away is that the
/// target asked nobody, and that answers are alike: few lengths, few destination ports, or full-sized with fragments.
/// </remarks>
public sealed class ReflectionDetector : IDetector
{
    public string Name => "reflection";

    public void Examine(Examination look, List<Finding> findings)
    {
        foreach (var component in look.In.Components)
        {
            if (!look.IsEnough(component) || !look.IsSpread(component)) continue;
            switch (component.Key.Kind)
            {
                case TrafficKind.UdpAnswer:
                    Judge(look, component, component.Key.Value, Vectors.ReflectionAt(component.Key.Value)!.Vector, findings);
                    break;
                case TrafficKind.UdpOther when component.Peers >= 50 && component.SourcePorts.Share(1) >= 0.8:
                    Judge(look, component, (ushort)component.SourcePorts.Heaviest, Vectors.UdpReflection, findings);
                    break;
            }
        }
    }

    private void Judge(Examination look, TrafficComponent component, ushort port, string vector, List<Finding> findings)
    {
        // A port outside the table has no requests of its own kind: whatever UDP the target sends may have asked.
        var asked = component.Key.Kind == TrafficKind.UdpAnswer ? look.Requests(port) : look.Out.PacketsOf(TrafficKind.UdpOther);
        // An answer may come in several packets, and a search by multicast brings many answers.
        if (asked * 10 >= component.Packets) return;
        var sources = component.Peers;
        // A handful of strong amplifiers is enough for a flood, but then it must look like one.
        var strong = sources >= 3 && component.MeanLength >= 400 && Examination.PacketRate(component) >= 1_000;
        if (!(strong || sources >= (component.SampledPackets >= Examination.MinPackets ? 10 : 5)) || look.Share(component) < 0.05) return;

        var lengths = component.Lengths.Share(3);
        var ports = component.DestinationPorts.Share(4);
        var fragments = look.In.PacketsOf(TrafficKind.Fragment, 17);
        var alarmed = look.Watch.Alarm is { Inbound: true, Lane: Lanes.Udp or Lanes.Bits or Lanes.Packets or Lanes.Fragment };
        var signs = 0;
        if (lengths >= 0.7) signs++;
        if (ports >= 0.7) signs++;
        if (component.MeanLength >= 800 || fragments >= 0.3 * component.Packets) signs++;
        if (sources >= 100) signs++;
        if (look.SeesBothWays) signs++;
        if (alarmed) signs += 2;
        if (signs < 2) return;

        var service = Vectors.ReflectionAt(port)?.Service ?? $"UDP port {port}";
        findings.Add(look.Claim(Name, vector, component, inbound: true, 0.55 + 0.09 * signs,
            $"{Examination.Count(component.Packets)} answers from {service} by {Examination.Count(sources)} sources against {Examination.Count(asked)} requests; " +
            $"mean length {component.MeanLength:0} octets, the three commonest lengths {Examination.Percent(lengths)}, the four commonest destination ports {Examination.Percent(ports)}" +
            (fragments > 0 ? $", {Examination.Count(fragments)} fragments beside them" : ""),
            $"would not have fired with {Examination.Count(Math.Ceiling(component.Packets / 10))} requests by the target, or with fewer than 10 sources",
            new("answers", component.Packets), new("requests", asked), new("sources", Math.Round(sources)), new("lengthConcentration", Math.Round(lengths, 3)),
            new("portConcentration", Math.Round(ports, 3)), new("fragments", fragments), new("signs", signs)));
    }
}
