namespace Breakwater.Core.Detection;

/// <summary>Traffic that no ordinary stack sends in numbers: other IP protocols one-sided, impossible TCP flags, ACK out of nowhere, LAND.</summary>
public sealed class OddTrafficDetector : IDetector
{
    public string Name => "odd-traffic";

    public void Examine(Examination look, List<Finding> findings)
    {
        foreach (var component in look.In.Components)
        {
            if (!look.IsEnough(component) || !look.IsSpread(component)) continue;
            if (component.LandPackets >= 0.5 * component.Packets) Land(look, component, findings);
            switch (component.Key.Kind)
            {
                case TrafficKind.OtherProtocol: Protocol(look, component, findings); break;
                case TrafficKind.TcpOdd: Flags(look, component, findings); break;
                case TrafficKind.TcpFin: Fin(look, component, findings); break;
                case TrafficKind.TcpData: Ack(look, component, findings); break;
            }
        }
    }

    private void Protocol(Examination look, TrafficComponent odd, List<Finding> findings)
    {
        var sent = look.Out.PacketsOf(TrafficKind.OtherProtocol, odd.Key.Value);
        var rate = Examination.PacketRate(odd);
        var share = look.Share(odd);
        if (sent * 10 > odd.Packets || share < 0.3 || !(rate >= 5_000 || (rate >= 300 && odd.Peers >= 10))) return;
        findings.Add(look.Claim(Name, Vectors.ProtocolFlood, odd, inbound: true, 0.65 + (odd.Peers >= 10 ? 0.15 : 0),
            $"{Examination.Count(odd.Packets)} packets of IP protocol {odd.Key.Value} at {Examination.Count(rate)}/s from {Examination.Count(odd.Peers)} sources against {Examination.Count(sent)} sent back",
            $"would not have fired with {Examination.Count(Math.Ceiling(odd.Packets / 10))} packets sent back",
            new("packets", odd.Packets), new("sent", sent), new("rate", Math.Round(rate, 1))));
    }

    private void Flags(Examination look, TrafficComponent odd, List<Finding> findings)
    {
        var rate = Examination.PacketRate(odd);
        // A scanner's few odd packets to each port are a scan; the same to one port again and again is a flood.
        if (rate < 100 || odd.DestinationPorts.Share(3) < 0.5) return;
        findings.Add(look.Claim(Name, Vectors.TcpFlagsFlood, odd, inbound: true, 0.75,
            $"{Examination.Count(odd.Packets)} TCP packets at {Examination.Count(rate)}/s with flags that no stack sends (none, SYN with FIN, or FIN, PSH and URG without ACK)",
            "would not have fired below 100/s",
            new("packets", odd.Packets), new("rate", Math.Round(rate, 1))));
    }

    private void Fin(Examination look, TrafficComponent fin, List<Finding> findings)
    {
        var rate = Examination.PacketRate(fin);
        var others = look.In.PacketsOf(TrafficKind.TcpSyn) + look.In.PacketsOf(TrafficKind.TcpData);
        if (rate < 500 || fin.Packets < 3 * others || fin.DestinationPorts.Share(3) < 0.5) return;
        findings.Add(look.Claim(Name, Vectors.TcpFlagsFlood, fin, inbound: true, 0.75,
            $"{Examination.Count(fin.Packets)} FIN at {Examination.Count(rate)}/s against {Examination.Count(others)} SYN and packets of open connections",
            $"would not have fired with {Examination.Count(Math.Ceiling(fin.Packets / 3))} of those",
            new("fin", fin.Packets), new("others", others), new("rate", Math.Round(rate, 1))));
    }

    private void Ack(Examination look, TrafficComponent ack, List<Finding> findings)
    {
        var sent = look.Out.PacketsOf(TrafficKind.TcpData) + look.Out.PacketsOf(TrafficKind.TcpSyn) + look.Out.PacketsOf(TrafficKind.TcpSynAck);
        var opened = look.In.PacketsOf(TrafficKind.TcpSyn);
        var rate = Examination.PacketRate(ack);
        var sources = ack.Peers;
        // Real connections carry many packets each; here nearly each packet has a source, or at least a port, of its own.
        // Sampling leaves one packet of most real connections as well: then all but every packet must have a source of its own.
        var sampled = ack.Packets > 1.5 * ack.SampledPackets;
        var crowd = sampled ? ack.SampledPackets >= 200 && sources >= 0.9 * ack.SampledPackets : sources >= 0.3 * ack.SampledPackets;
        var odd = rate >= 1_000 && ack.MeanLength <= 64 && ack.SourcePorts.Share(3) < 0.2;
        if (rate < 500 || !(crowd || odd) || sent * 5 > ack.Packets || opened * 5 > ack.Packets || ack.ConnectionPackets > 0.3 * ack.Packets) return;
        findings.Add(look.Claim(Name, Vectors.AckFlood, ack, inbound: true, 0.7 + (ack.Lengths.Share(1) > 0.8 ? 0.15 : 0),
            $"{Examination.Count(ack.Packets)} TCP packets at {Examination.Count(rate)}/s that belong to no connection: {Examination.Count(sources)} sources, {Examination.Count(opened)} SYN, {Examination.Count(sent)} packets sent back",
            $"would not have fired with {Examination.Count(Math.Ceiling(ack.Packets / 5))} SYN or packets sent back",
            new("packets", ack.Packets), new("sources", Math.Round(sources)), new("syn", opened), new("sent", sent)));
    }

    private void Land(Examination look, TrafficComponent land, List<Finding> findings) =>
        findings.Add(look.Claim(Name, Vectors.LandAttack, land, inbound: true, 0.9,
            $"{Examination.Count(land.LandPackets)} packets whose source is the target itself (LAND)",
            "would not have fired without packets from the target's own address",
            KeyValuePair.Create("packets", land.LandPackets)));
}
