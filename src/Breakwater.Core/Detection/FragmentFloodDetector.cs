namespace Breakwater.Core.Detection;

/// <summary>Fragments after the first, in numbers: they cost the target memory, and they come with every amplification beyond 1,500 octets.</summary>
public sealed class FragmentFloodDetector : IDetector
{
    public string Name => "fragment-flood";

    public void Examine(Examination look, List<Finding> findings)
    {
        foreach (var fragments in look.In.Components)
        {
            if (fragments.Key.Kind != TrafficKind.Fragment || !look.IsEnough(fragments) || !look.IsSpread(fragments)) continue;
            var sent = look.Out.PacketsOf(TrafficKind.Fragment);
            var sources = fragments.Peers;
            var share = look.Share(fragments);
            var rate = Examination.PacketRate(fragments);
            if (sent * 3 > fragments.Packets || share < 0.05) continue;
            if (sources < (fragments.SampledPackets >= Examination.MinPackets ? 10 : 4) && rate < 5_000) continue;
            findings.Add(look.Claim(Name, Vectors.FragmentFlood, fragments, inbound: true, 0.6 + (sources >= 10 ? 0.15 : 0) + (share > 0.5 ? 0.1 : 0),
                $"{Examination.Count(fragments.Packets)} fragments without ports (IP protocol {fragments.Key.Value}) at {Examination.Count(rate)}/s from {Examination.Count(sources)} sources, " +
                $"{Examination.Percent(share)} of the traffic to the target, which sent {Examination.Count(sent)}",
                "would not have fired with fewer than 10 sources below 5,000/s",
                new("packets", fragments.Packets), new("sources", Math.Round(sources)), new("rate", Math.Round(rate, 1))));
        }
    }
}
