using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Mitigations;

public class TrafficMatchTextTests
{
    private static readonly Prefix Victim = Prefix.Parse("192.0.2.7/32");

    public static TheoryData<string, TrafficMatch> Sentences => new()
    {
        { "anything", new() },
        { "anything to 192.0.2.7", new() { Destination = Victim } },
        { "udp from port 161 to 192.0.2.7", new() { Destination = Victim, Protocols = [17], SourcePorts = [161] } },
        { "tcp SYN without ACK to 192.0.2.7 port 80, 40 octets long", new() { Destination = Victim, Protocols = [6], TcpFlags = 0x02, TcpFlagsMask = 0x12, DestinationPorts = [80], PacketLengths = [40] } },
        { "tcp SYN+ACK from ports 80, 443 to 192.0.2.7", new() { Destination = Victim, Protocols = [6], TcpFlags = 0x12, TcpFlagsMask = 0x12, SourcePorts = [80, 443] } },
        { "tcp with PSH+FIN+URG only to 192.0.2.7", new() { Destination = Victim, Protocols = [6], TcpFlags = 0x29, TcpFlagsMask = 0x3F } },
        { "tcp without flags", new() { Protocols = [6], TcpFlagsMask = 0x3F } },
        { "udp fragments to 2001:db8::/48", new() { Destination = Prefix.Parse("2001:db8::/48"), Protocols = [17], Fragment = true } },
        { "udp not fragmented from 198.51.100.0/24, at least 1200 octets long, DSCP 46", new() { Source = Prefix.Parse("198.51.100.0/24"), Protocols = [17], Fragment = false, PacketLengths = [new(1200, 65535)], Dscp = [46] } },
        { "icmp type 3 codes 0-3 to 192.0.2.7", new() { Destination = Victim, Protocols = [1], IcmpTypes = [3], IcmpCodes = [new(0, 3)] } },
        { "tcp or udp to 192.0.2.7", new() { Destination = Victim, Protocols = [6, 17] } },
        { "protocols 0, 2-5, 99", new() { Protocols = [0, 2, 3, 4, 5, 99] } },
    };

    [Theory, MemberData(nameof(Sentences))]
    public void Says_what_a_rule_matches(string sentence, TrafficMatch match) => Assert.Equal(sentence, match.Describe());
}
