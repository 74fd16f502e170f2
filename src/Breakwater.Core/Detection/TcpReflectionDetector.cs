namespace Breakwater.Core.Detection;

/// <summary>SYN-ACK and RST that answer nothing: servers all over the world answer SYNs that somebody sent in the target's name.</summary>
public sealed class TcpReflectionDetector : IDetector
{
    public string Name => "tcp-reflection";

    public void Examine(Examination look, List<Finding> findings)
    {
        var tcp = look.In.PacketsOf(TrafficKind.TcpSyn) + look.In.PacketsOf(TrafficKind.TcpSynAck) + look.In.PacketsOf(TrafficKind.TcpRst)
            + look.In.PacketsOf(TrafficKind.TcpFin) + look.In.PacketsOf(TrafficKind.TcpData);
        var opened = look.Out.PacketsOf(TrafficKind.TcpSyn);
        var sent = opened + look.Out.PacketsOf(TrafficKind.TcpData) + look.Out.PacketsOf(TrafficKind.TcpFin) + look.Out.PacketsOf(TrafficKind.TcpSynAck);

        var synAck = Judge(look, look.In.Find(TrafficKind.TcpSynAck), Vectors.SynAckReflection, "SYN-ACK", tcp, opened, 0.3, findings);
        // Where SYN-ACK are reflected, closed ports reflect RST: then a small part is enough, and ordinary ones end a connection each.
        var ended = opened + look.Out.PacketsOf(TrafficKind.TcpSynAck);
        Judge(look, look.In.Find(TrafficKind.TcpRst), Vectors.RstReflection, "RST", tcp, synAck ? ended : sent, synAck ? 0.05 : 0.5, findings);
    }

    private bool Judge(Examination look, TrafficComponent? answers, string vector, string word, double tcp, double asked, double share, List<Finding> findings)
    {
        if (answers is null || !look.IsEnough(answers) || !look.IsSpread(answers)) return false;
        if (answers.Packets < 3 * asked || answers.Packets < share * tcp) return false;
        var sources = answers.Peers;
        if (sources < (answers.SampledPackets >= Examination.MinPackets ? 10 : 5) || Examination.PacketRate(answers) < 20) return false;

        var ports = answers.SourcePorts.Share(4);
        var lengths = answers.Lengths.Share(3);
        findings.Add(look.Claim(Name, vector, answers, inbound: true,
            0.6 + (sources >= 100 ? 0.15 : 0) + (ports >= 0.7 ? 0.1 : 0) + (look.SeesBothWays ? 0.1 : 0),
            $"{Examination.Count(answers.Packets)} {word} from {Examination.Count(sources)} sources against {Examination.Count(asked)} packets that could have caused them; " +
            $"{Examination.Percent(ports)} from four ports, {Examination.Percent(lengths)} of three lengths, {Examination.Percent(answers.Packets / tcp)} of all TCP to the target",
            $"would not have fired with {Examination.Count(Math.Ceiling(answers.Packets / 3))} such packets by the target, or below {Examination.Percent(share)} of its TCP",
            new("answers", answers.Packets), new("asked", asked), new("sources", Math.Round(sources)), new("tcp", tcp), new("portConcentration", Math.Round(ports, 3))));
        return true;
    }
}
