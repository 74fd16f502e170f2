namespace Breakwater.Core.Detection;

/// <summary>Connections that are opened and never used: many SYN to few ports, few FIN, little data.</summary>
/// <remarks>
/// After Wang, Zhang and Shin, "Detecting SYN Flooding Attacks" (INFOCOM 2002): SYN and FIN come in pairs in ordinary traffic.
/// SYN with ACK is not counted: that is reflection. Many ports with a SYN each are a scan, not a flood.
/// </remarks>
public sealed class SynFloodDetector : IDetector
{
    public string Name => "syn-flood";

    public void Examine(Examination look, List<Finding> findings)
    {
        if (look.In.Find(TrafficKind.TcpSyn) is not { } syn || !look.IsEnough(syn) || !look.IsSpread(syn)) return;
        var finished = look.In.PacketsOf(TrafficKind.TcpFin);
        var data = look.In.PacketsOf(TrafficKind.TcpData);
        var ports = syn.DestinationPorts.Share(3);
        var rate = Examination.PacketRate(syn);
        var sources = syn.Peers;
        var many = sources >= (syn.SampledPackets >= Examination.MinPackets ? 50 : 6);
        if (syn.Packets < 3 * finished || syn.Packets < 0.5 * data || ports < 0.5) return;
        if (rate < (many ? 20 : 200)) return;
        // A scan of a prefix sends each host a few; a flood spread over a prefix sends each host many.
        if (look.Watch.IsPrefix && (!many || syn.Packets / syn.Locals < 20)) return;

        var fresh = sources / Math.Max(1, syn.SampledPackets);
        var lengths = syn.Lengths.Share(1);
        var confidence = 0.65 + (fresh > 0.5 ? 0.15 : 0) + (lengths > 0.9 ? 0.1 : 0) + (look.Watch.Alarm is not null ? 0.08 : 0);
        findings.Add(look.Claim(Name, Vectors.SynFlood, syn, inbound: true, confidence,
            $"{Examination.Count(syn.Packets)} SYN at {Examination.Count(rate)}/s against {Examination.Count(finished)} FIN and {Examination.Count(data)} packets of open connections, " +
            $"from {Examination.Count(sources)} sources ({Examination.Percent(Math.Min(1, fresh))} of the packets from a new one), {Examination.Percent(ports)} to three ports",
            $"would not have fired with {Examination.Count(Math.Ceiling(syn.Packets / 3))} FIN, or with {Examination.Count(syn.Packets * 2)} packets of open connections",
            new("syn", syn.Packets), new("fin", finished), new("data", data), new("sources", Math.Round(sources)), new("portConcentration", Math.Round(ports, 3)),
            new("lengthConcentration", Math.Round(lengths, 3))));
    }
}
