using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Captures;

namespace Breakwater.Tests.Core.Mitigations;

/// <summary>Real attacks, cut into attack and rest by what the vector is, as a detector would.</summary>
public class RealAttackRulesTests
{
    [SharedDataTheory("captures")]
    [InlineData("ddos-dns-rrsig-reflection-mixed.pcap", "dns-amplification", "10.10.10.10", "udp ")]
    [InlineData("ddos-snmp-reflection.pcapng", "snmp-amplification", "10.10.10.10", "udp from port 161 to 10.10.10.10")]
    [InlineData("ddos-synflood-dominate.pcapng", Vectors.SynFlood, "10.10.10.10", "tcp SYN without ACK to 10.10.10.10")]
    [InlineData("ddos-tcp-synack-reflection.pcap", Vectors.SynAckReflection, "10.10.10.10", "tcp SYN+ACK to 10.10.10.10")]
    [InlineData("ddos-synflood-single-source-lab.pcap", Vectors.SynFlood, "10.0.1.12", "tcp SYN without ACK to 10.0.1.12")]
    [InlineData("ddos-ipv6-ah-flood.pcap", Vectors.IcmpFlood, "2001:db8:1::1", "icmpv6 type 128 to 2001:db8:1::1")]
    public void The_first_rule_stops_the_attack_and_spares_the_rest(string file, string vector, string victim, string rule)
    {
        var target = new Prefix(IpAddr.Parse(victim), victim.Contains(':') ? 128 : 32);
        var (attack, ordinary) = Cut(file, vector, target);
        var first = RuleSynthesizer.Synthesize(target, vector, attack, ordinary)[0];

        Assert.StartsWith(rule, first.Match.Describe());
        Assert.InRange(first.AttackShare, 0.95, 1);
        Assert.InRange(first.CollateralShare ?? 0, 0, 0.02);
    }

    private static (List<Flow> Attack, List<Flow> Ordinary) Cut(string file, string vector, Prefix target)
    {
        var reflected = Vectors.Reflection.Where(r => r.Vector == vector).Select(r => r.Port).ToHashSet();
        List<Flow> attack = [], ordinary = [];
        using var reader = CaptureFormats.Open(File.OpenRead(SharedData.Path("captures", file)), file);
        var batch = new FlowBatch();
        while (reader.Read(batch))
        {
            foreach (var flow in batch.Flows)
                if (target.Contains(flow.Destination)) (IsAttack(flow) ? attack : ordinary).Add(flow);
        }
        return (attack, ordinary);

        bool IsAttack(Flow flow) => vector switch
        {
            Vectors.SynFlood => flow.Protocol == 6 && (flow.TcpFlags & 0x12) == 0x02,
            Vectors.SynAckReflection => flow.Protocol == 6 && (flow.TcpFlags & 0x12) == 0x12,
            Vectors.IcmpFlood => flow.Protocol is 1 or 58,
            _ => flow.Protocol == 17 && (reflected.Contains(flow.SourcePort) || (flow.Flags & FlowFlags.LaterFragment) != 0),
        };
    }
}
