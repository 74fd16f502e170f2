namespace Breakwater.Core.Detection;

/// <summary>One of our hosts floods one victim: SYN that nothing follows, UDP that nobody answers, ICMP at a rate no diagnosis has.</summary>
/// <remarks>
/// Told from a scan by its one victim and few ports, from an upload by what comes back, and by shapes that no application has. What
/// passes the operator's own thresholds is <see cref="RateDetector"/>'s to say, whatever its shape.
/// </remarks>
public sealed class OutboundFloodDetector : IDetector
{
    /// <summary>Share of the packets that goes to the one victim.</summary>
    private const double VictimShare = 0.8;

    /// <summary>Packets below which a burst is a retry.</summary>
    private const double MinPackets = 2_000;

    public string Name => "outbound-flood";

    public void Examine(Examination look, List<Finding> findings)
    {
        if (look.Watch.IsPrefix) return;
        foreach (var sent in look.Out.Components)
        {
            if (sent.Packets < MinPackets || !look.IsEnough(sent) || look.Share(sent, inbound: false) < 0.3) continue;
            if (sent.TopPeers.Total == 0) continue;
            var victim = sent.TopPeers.Top(1)[0];
            if (victim.AtLeast < VictimShare * sent.TopPeers.Total || Judge(look, sent) is not { } flood) continue;
            var (vector, back, why) = flood;
            var rate = Examination.PacketRate(sent);
            findings.Add(look.Claim(Name, vector, sent, inbound: false, 0.75 + (sent.Lengths.Share(1) > 0.9 ? 0.1 : 0),
                $"{Examination.Count(sent.Packets)} packets at {Examination.Count(rate)}/s to {victim.Key} alone, against {Examination.Count(back)} that came back; {why}",
                $"would not have fired below {Examination.Count(MinPackets)} packets, or with less than {Examination.Percent(VictimShare)} of them to one address",
                new("packets", sent.Packets), new("rate", Math.Round(rate, 1)), new("back", back), new("victimShare", Math.Round((double)victim.AtLeast / sent.TopPeers.Total, 3))));
        }
    }

    /// <returns>Vector, packets that came back, and what gives it away; null for what may be ordinary.</returns>
    private static (string Vector, double Back, string Why)? Judge(Examination look, TrafficComponent sent)
    {
        var rate = Examination.PacketRate(sent);
        var ports = sent.DestinationPorts.Share(3);
        switch (sent.Key.Kind)
        {
            case TrafficKind.TcpSyn:
                var data = look.Out.PacketsOf(TrafficKind.TcpData) + look.Out.PacketsOf(TrafficKind.TcpFin);
                // Many ports of one host are a port scan.
                return rate >= 200 && ports >= 0.5 && data * 3 < sent.Packets
                    ? (Vectors.SynFlood, look.In.PacketsOf(TrafficKind.TcpSynAck), $"{Examination.Count(data)} packets of connections follow the SYN, {Examination.Percent(ports)} go to three ports") : null;
            case TrafficKind.UdpOther or TrafficKind.UdpRequest:
                var back = look.In.PacketsOf(TrafficKind.UdpOther) + look.In.PacketsOf(TrafficKind.UdpAnswer) + look.In.PacketsOf(TrafficKind.UdpRequest);
                // Short packets to many ports are a port scan; long ones look for nothing.
                var odd = rate >= 1_000 && (sent.MeanLength <= 64 ? ports >= 0.5 : ports < 0.2);
                return back * 20 < sent.Packets && (odd || rate >= 20_000)
                    ? (Vectors.UdpFlood, back, $"mean length {sent.MeanLength:0} octets, {Examination.Percent(ports)} go to three ports") : null;
            case TrafficKind.Icmp:
                return rate >= 1_000
                    ? (Vectors.IcmpFlood, look.In.PacketsOf(TrafficKind.Icmp), $"{Examination.Percent(look.Share(sent, inbound: false))} of what the host sends") : null;
            default:
                return null;
        }
    }
}
