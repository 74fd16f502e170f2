namespace Breakwater.Core.Detection;

/// <summary>ICMP or ICMPv6 that outweighs everything the target says.</summary>
/// <remarks>Errors answer packets (RFC 792, RFC 4443 §2.4), so a host that sends much may receive many; a victim sends little.</remarks>
public sealed class IcmpFloodDetector : IDetector
{
    public string Name => "icmp-flood";

    public void Examine(Examination look, List<Finding> findings)
    {
        foreach (var icmp in look.In.Components)
        {
            if (icmp.Key.Kind != TrafficKind.Icmp || !look.IsEnough(icmp) || !look.IsSpread(icmp)) continue;
            var rate = Examination.PacketRate(icmp);
            var share = look.Share(icmp);
            var unanswered = icmp.Packets > 3 * look.Out.Packets;
            if (icmp.Packets < 200 || share < 0.3 || !(rate >= 1000 || (rate >= 100 && unanswered && (icmp.Peers >= 5 || rate >= 500)))) continue;
            var type = icmp.Key.Value < 256 ? $"ICMP type {icmp.Key.Value}" : $"ICMPv6 type {icmp.Key.Value - 256}";
            var header = icmp.AuthenticatedPackets > 0.5 * icmp.Packets ? " behind an Authentication Header (RFC 4302)" : "";
            findings.Add(look.Claim(Name, Vectors.IcmpFlood, icmp, inbound: true, 0.7 + (unanswered ? 0.15 : 0) + (share > 0.8 ? 0.1 : 0),
                $"{Examination.Count(icmp.Packets)} packets of {type}{header} at {Examination.Count(rate)}/s from {Examination.Count(icmp.Peers)} sources, {Examination.Percent(share)} of the traffic to the target, " +
                $"which sent {Examination.Count(look.Out.Packets)} packets itself",
                $"would not have fired below {(unanswered ? 100 : 1000)}/s or below 30 % of the traffic",
                new("packets", icmp.Packets), new("rate", Math.Round(rate, 1)), new("sent", look.Out.Packets), new("sources", Math.Round(icmp.Peers))));
        }
    }
}
