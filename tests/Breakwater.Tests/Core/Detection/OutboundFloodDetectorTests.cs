using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Detection;

public class OutboundFloodDetectorTests
{
    private static readonly IpAddr Victim = IpAddr.Parse("198.51.100.9");

    [Theory]
    [InlineData("syn", "syn-flood")]
    [InlineData("udp", "udp-flood")]
    [InlineData("short-udp", "udp-flood")]
    [InlineData("icmp", "icmp-flood")]
    public void Names_a_flood_by_one_of_our_hosts_without_thresholds(string flood, string vector)
    {
        using var net = new TestNetwork();
        net.Send(3_000, 3, Ours(flood switch
        {
            "syn" => Packets.Syn(80),
            "udp" => Packets.Udp(1),
            "short-udp" => (random, i, p) => { p.SourcePort = (ushort)random.Next(1024, 65536); p.DestinationPort = 80; p.Length = 29; }
            ,
            _ => Packets.Icmp(1),
        }));
        net.Finish();
        var incident = net.Single();
        Assert.Equal(IncidentKind.OutboundAttack, incident.Kind);
        Assert.Equal(TestNetwork.Victim, incident.Host);
        Assert.Equal(new Prefix(Victim, 32), incident.Target);
        Assert.Equal([TestNetwork.Victim], incident.Sources);
        Assert.Contains(vector, incident.Vectors);
    }

    [Fact]
    public void The_peak_of_a_record_of_a_minute_is_its_rate_and_not_all_of_it_in_the_second_in_which_it_came()
    {
        using var net = new TestNetwork();
        net.Send(1, 1, Ours((random, i, p) =>
        {
            (p.SourcePort, p.DestinationPort, p.Length, p.Single) = (4444, 80, 500, false);
            (p.Packets, p.Sampled, p.Lasted) = (2_400_000, 2_400_000, TimeSpan.FromSeconds(60));
        }));
        net.Finish();
        var incident = net.Single();
        Assert.InRange(incident.PeakPacketsPerSecond, 39_000, 41_000);
        Assert.InRange(incident.PeakBitsPerSecond, 156e6, 164e6);
        Assert.NotEqual(Severity.Critical, incident.Severity);
    }

    [Fact]
    public void Stays_quiet_about_an_upload_of_video()
    {
        using var net = new TestNetwork();
        net.Send(3_000, 10, Ours((random, i, p) => { p.SourcePort = 5004; p.DestinationPort = 5004; p.Length = 1328; }));
        net.Finish();
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_an_upload_by_QUIC()
    {
        using var net = new TestNetwork();
        net.SendTogether(10,
            (20_000, Ours((random, i, p) => { p.SourcePort = 50_000; p.DestinationPort = 443; p.Length = 1300; })),
            (2_000, (random, i, p) => { p.From = Victim; p.SourcePort = 443; p.DestinationPort = 50_000; p.Length = 60; }
        ));
        net.Finish();
        Assert.Empty(net.Incidents);
    }

    [Theory]
    [InlineData(6, 44)]
    [InlineData(17, 28)]
    public void A_scan_of_one_hosts_ports_is_no_flood(byte protocol, int length)
    {
        using var net = new TestNetwork();
        net.Send(3_000, 5, Ours((random, i, p) => { p.Protocol = protocol; p.Flags = (byte)(protocol == 6 ? 2 : 0); p.SourcePort = 40_000; p.DestinationPort = (ushort)(i + 1); p.Length = length; }));
        net.Finish();
        Assert.DoesNotContain(net.Incidents, i => i.Kind == IncidentKind.OutboundAttack);
    }

    [Fact]
    public void A_scan_of_many_hosts_is_no_flood()
    {
        using var net = new TestNetwork();
        net.Send(3_000, 5, (random, i, p) => { Packets.Syn(23)(random, i, p); p.From = TestNetwork.Victim; p.To = Packets.Remote(random.Next()); });
        net.Finish();
        Assert.DoesNotContain(net.Incidents, i => i.Kind == IncidentKind.OutboundAttack);
    }

    [Fact]
    public void An_attack_among_ours_is_told_of_the_victim_only()
    {
        using var net = new TestNetwork();
        net.Send(3_000, 3, (random, i, p) => { Packets.Syn(80)(random, i, p); p.From = TestNetwork.Victim; p.To = IpAddr.Parse("192.0.2.99"); });
        net.Finish();
        Assert.Equal(IncidentKind.Ddos, net.Single().Kind);
    }

    private static Action<Random, long, FlowBuilder> Ours(Action<Random, long, FlowBuilder> packet) => (random, i, p) =>
    {
        packet(random, i, p);
        p.From = TestNetwork.Victim;
        p.To = Victim;
    };
}
