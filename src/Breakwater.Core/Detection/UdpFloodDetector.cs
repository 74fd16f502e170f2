namespace Breakwater.Core.Detection;

/// <summary>UDP that is no answer and gets none: random ports or one service hammered, from many sources or at a rate no application has.</summary>
public sealed class UdpFloodDetector : IDetector
{
    public string Name => "udp-flood";

    public void Examine(Examination look, List<Finding> findings)
    {
        foreach (var udp in look.In.Components)
        {
            if (udp.Key.Kind is not (TrafficKind.UdpOther or TrafficKind.UdpRequest) || !look.IsEnough(udp) || !look.IsSpread(udp)) continue;
            var sent = look.Out.PacketsOf(TrafficKind.UdpOther) + look.Out.PacketsOf(TrafficKind.UdpAnswer) + look.Out.PacketsOf(TrafficKind.UdpRequest);
            var rate = Examination.PacketRate(udp);
            var sources = udp.Peers;
            var crowd = sources >= (udp.SampledPackets >= Examination.MinPackets ? 50 : 6) && rate >= 500;
            // One sender of media uses one port and full packets; one attacker tries all ports or sends next to nothing, fast.
            var odd = rate >= 1_000 && udp.Packets >= 2_000 &&
                (udp.MeanLength <= 64 || udp.DestinationPorts.Share(3) < 0.2 || udp.SourcePorts.Share(3) < 0.2);
            if (sent * 10 > udp.Packets || !(crowd || odd || rate >= 20_000)) continue;
            // One source port with many sources is reflection, and said so by its own detector.
            if (udp.Key.Kind == TrafficKind.UdpOther && crowd && udp.SourcePorts.Share(1) >= 0.8) continue;
            var share = look.Share(udp);
            if (share < 0.3) continue;
            var lengths = udp.Lengths.Share(3);
            var ports = udp.DestinationPorts.Share(3);
            findings.Add(look.Claim(Name, Vectors.UdpFlood, udp, inbound: true,
                0.6 + (crowd ? 0.15 : 0) + (lengths > 0.7 ? 0.1 : 0) + (look.Watch.Alarm is not null ? 0.1 : 0),
                $"{Examination.Count(udp.Packets)} UDP packets at {Examination.Count(rate)}/s from {Examination.Count(sources)} sources against {Examination.Count(sent)} sent by the target; " +
                $"{Examination.Percent(ports)} to three ports, {Examination.Percent(lengths)} of three lengths, {Examination.Percent(share)} of the traffic to the target",
                $"would not have fired with {Examination.Count(Math.Ceiling(udp.Packets / 10))} UDP packets by the target, or below {(crowd ? "500" : odd ? "1,000" : "20,000")}/s",
                new("packets", udp.Packets), new("rate", Math.Round(rate, 1)), new("sent", sent), new("sources", Math.Round(sources)), new("lengthConcentration", Math.Round(lengths, 3))));
        }
    }
}
