using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Metering;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Detection;

/// <summary>Attacks spread over prefixes are one incident about the smallest prefix that holds them.</summary>
public class CarpetTests
{
    [Theory]
    [InlineData("10.20.3.0/24", 3)]
    [InlineData("10.20.2.0/23", 2, 3)]
    [InlineData("10.20.0.0/22", 1, 3)]
    [InlineData("10.20.0.0/22", 0, 1, 2)]
    [InlineData("10.20.0.0/22", 0, 1, 2, 3)]
    [InlineData("10.20.0.0/20", 0, 9)]
    [InlineData("10.20.0.0/16", 4, 200)]
    [InlineData("10.20.0.0/20", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)]
    public void Each_prefix_above_its_threshold(string target, params int[] hit)
    {
        using var net = Net();
        Attack(net, 40_000 * hit.Length, 3, hit);
        var incident = Settled(net);
        Assert.Equal(Prefix.Parse(target), incident.Target);
        Assert.Contains("dns-amplification", incident.Vectors);
        Assert.InRange(incident.Packets, 100_000L * hit.Length, 125_000L * hit.Length);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3, 7)]
    [InlineData(0, 1, 2, 3)]
    [InlineData(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)]
    public void No_prefix_above_its_threshold_but_all_together(params int[] hit)
    {
        using var net = Net();
        Attack(net, 30_000, 4, hit);
        var incident = Settled(net);
        var cover = Prefix.Covering(Third(hit[0]), Third(hit[^1]))!.Value;
        Assert.True(cover.Contains(incident.Target!.Value), $"{incident.Target} is wider than {cover}");
        Assert.True(incident.Target!.Value.Length - cover.Length <= 1, $"{incident.Target} is far narrower than {cover}");
    }

    [Fact]
    public void A_whole_sixteen_at_a_hundred_packets_a_second_for_each_of_its_parts()
    {
        using var net = Net();
        Attack(net, 40_000, 4, [.. Enumerable.Range(0, 256)]);
        var incident = Settled(net);
        Assert.True(incident.Target!.Value.Length <= 17, $"{incident.Target}");
    }

    [Fact]
    public void One_hot_prefix_among_busy_ones_stays_one()
    {
        using var net = Net();
        Ordinary(net, 4_000, 3, [.. Enumerable.Range(0, 256)]);
        for (var slice = 0; slice < 30; slice++)
        {
            Attack(net, 40_000, 0.1, 77);
            Ordinary(net, 4_000, 0.1, [.. Enumerable.Range(0, 256)]);
        }
        Assert.Equal(Third(77), Settled(net).Target);
    }

    [Fact]
    public void One_hot_host_is_not_a_carpet()
    {
        using var net = Net();
        Ordinary(net, 4_000, 3, [.. Enumerable.Range(0, 256)]);
        for (var slice = 0; slice < 30; slice++)
        {
            net.Send(20_000, 0.1, (random, i, p) => { Packets.Answers(53, 1400)(random, i, p); p.To = IpAddr.Parse("10.20.5.9"); });
            Ordinary(net, 4_000, 0.1, [.. Enumerable.Range(0, 256)]);
        }
        Assert.Equal(Prefix.Parse("10.20.5.9"), Settled(net).Target);
    }

    [Theory]
    [InlineData(9, 77)]
    [InlineData(9, 77, 200)]
    public void A_few_hosts_one_after_the_other_are_not_a_carpet(params int[] hosts)
    {
        using var net = Net();
        foreach (var host in hosts)
        {
            for (var slice = 0; slice < 50; slice++)
            {
                net.Send(60_000, 0.1, (random, i, p) => { Packets.Answers(53, 1400)(random, i, p); p.To = IpAddr.V4(0x0A14_0500u + (uint)host); });
                net.Send(200, 0.1, (random, i, p) => { Packets.Answers(53, 300)(random, i, p); p.To = IpAddr.V4(0x0A14_0500u + (uint)random.Next(256)); });
            }
        }
        net.Finish();
        Assert.Equal(hosts.Select(h => new Prefix(IpAddr.V4(0x0A14_0500u + (uint)h), 32)), net.Incidents.Where(i => i.Severity >= Severity.Medium).Select(i => i.Target!.Value).Order());
    }

    [Fact]
    public void One_after_the_other_each_is_told_of()
    {
        using var net = Net();
        Attack(net, 40_000, 3, 4);
        Ordinary(net, 1_000, 3, 0, 5, 40, 90);
        Attack(net, 40_000, 3, 200);
        net.Finish();
        Assert.Equal([Third(4), Third(200)], net.Incidents.Where(i => i.Severity >= Severity.Medium).Select(i => i.Target!.Value).Order());
    }

    [Fact]
    public void Two_home_networks_are_two_incidents()
    {
        using var net = Net();
        net.Send(80_000, 3, (random, i, p) =>
        {
            Packets.Answers(53, 1400)(random, i, p);
            p.To = random.Next(2) == 0 ? IpAddr.V4(0x0A14_0100u + (uint)random.Next(256)) : new IpAddr(0x2001_0db8_0000_0001, (uint)random.Next(256));
        });
        net.Finish();
        Assert.Equal(2, net.Incidents.Count(i => i.Severity >= Severity.Medium));
    }

    [Fact]
    public void Other_vectors_on_another_prefix_are_another_attack()
    {
        using var net = Net();
        net.Send(80_000, 3, (random, i, p) =>
        {
            var dns = random.Next(2) == 0;
            if (dns) Packets.Answers(53, 1400)(random, i, p);
            else Packets.Icmp(200)(random, i, p);
            p.To = IpAddr.V4((dns ? 0x0A14_0100u : 0x0A14_0900u) + (uint)random.Next(256));
        });
        net.Finish();
        Assert.Equal(2, net.Incidents.Count(i => i.Severity >= Severity.Medium));
    }

    [Theory]
    [InlineData("2001:db8:0:ab00::/56", 8)]
    [InlineData("2001:db8:0::/48", 16)]
    public void IPv6_over_the_networks_of_a_site(string site, int bits)
    {
        using var net = Net();
        var prefix = Prefix.Parse(site);
        net.Send(40_000, 4, (random, i, p) =>
        {
            Packets.Answers(53, 1400)(random, i, p);
            p.From = new IpAddr(0x2001_0470_0000_0000, (uint)random.Next(500));
            p.To = new IpAddr(prefix.Address.High | (ulong)random.NextInt64(1L << bits), (uint)random.Next(1, 20));
        });
        Assert.Equal(prefix, Settled(net).Target);
    }

    [Fact]
    public void IPv6_over_a_few_networks_each_above_its_threshold()
    {
        using var net = Net();
        net.Send(120_000, 3, (random, i, p) =>
        {
            Packets.Answers(53, 1400)(random, i, p);
            p.From = new IpAddr(0x2001_0470_0000_0000, (uint)random.Next(500));
            p.To = new IpAddr(0x2001_0db8_0000_ab00ul | (ulong)(random.NextInt64(3) * 5), (uint)random.Next(1, 200));
        });
        var incident = Settled(net);
        Assert.Equal(Prefix.Parse("2001:db8:0:ab00::/60"), incident.Target);
        Assert.Equal(3, incident.TargetPrefixes.Count);
    }

    [Fact]
    public void Names_the_parts_that_were_hit_and_leaves_the_rest_alone()
    {
        using var net = Net();
        Attack(net, 80_000, 3, 4, 200);
        var incident = Settled(net);
        Assert.Equal([Third(4), Third(200)], incident.TargetPrefixes);
        Assert.Contains("Hit are 10.20.4.0/24, 10.20.200.0/24", incident.Explanation);
        Assert.Equal([Third(4), Third(200)], incident.Mitigations.Select(m => m.Match.Destination!.Value).Distinct().Order());
        Assert.InRange(incident.Mitigations.Sum(m => m.AttackShare), 0.9, 1.01);
    }

    [Fact]
    public void It_goes_on_as_long_as_any_part_is_hit_and_ends_with_the_last()
    {
        using var net = Net(o => o.Hold = TimeSpan.FromSeconds(20));
        Attack(net, 160_000, 3, 0, 1, 2, 3);
        Attack(net, 40_000, 60, 2);
        Assert.Equal(IncidentState.Open, net.Single().State);
        net.Wait(25);
        Assert.Equal(IncidentState.Ended, net.Single().State);
    }

    [Fact]
    public void A_fast_sweep_of_a_prefix_is_no_flood()
    {
        using var net = Net();
        net.Send(30_000, 2, (random, i, p) =>
        {
            Packets.Syn(23)(random, i, p);
            p.From = Packets.Remote(1);
            p.To = IpAddr.V4(0x0A14_0000u + (uint)(i * 7919 % 65_536));
        });
        net.Finish();
        Assert.DoesNotContain(net.Incidents, i => i.Kind == IncidentKind.Ddos);
    }

    [Fact]
    public void A_flood_over_networks_without_number_is_still_one_incident()
    {
        using var net = Net(o => { o.MaxHosts = 2_000; o.MaxWatched = 64; });
        net.Send(60_000, 4, (random, i, p) =>
        {
            Packets.Answers(53, 1400)(random, i, p);
            p.From = new IpAddr(0x2001_0470_0000_0000, (uint)random.Next(500));
            p.To = new IpAddr(0x2001_0db8_0000_0000ul | (uint)random.Next(), (ulong)random.NextInt64());
        });
        Assert.Equal(Prefix.Parse("2001:db8::/32"), Settled(net).Target);
    }

    /// <summary>Thresholds of 10,000 packets/s, and three seconds of ordinary traffic seen.</summary>
    private static TestNetwork Net(Action<DetectionOptions>? configure = null)
    {
        var limits = new RateLimits { PacketsPerSecond = 10_000, UdpPacketsPerSecond = 10_000, FragmentPacketsPerSecond = 10_000, SynPacketsPerSecond = 5_000, IcmpPacketsPerSecond = 5_000 };
        var net = new TestNetwork(configure, new HostGroupOptions { Inbound = limits }, home: "10.20.0.0/16");
        Ordinary(net, 1_000, 3, 0, 5, 40, 90);
        return net;
    }

    private static Incident Settled(TestNetwork net)
    {
        net.Finish();
        var incident = net.Single();
        // Nothing of it was shown as an attack of its own and left there.
        Assert.All(net.Incidents, i => Assert.True(i == incident || i.State == IncidentState.Ended));
        return incident;
    }

    private static Prefix Third(int octet) => new(IpAddr.V4(0x0A14_0000u + ((uint)octet << 8)), 24);

    private static void Attack(TestNetwork net, double rate, double seconds, params int[] hit) => net.Send(rate, seconds, (random, i, p) =>
    {
        Packets.Answers(53, 1400)(random, i, p);
        p.To = IpAddr.V4(0x0A14_0000u + ((uint)hit[random.Next(hit.Length)] << 8) + (uint)random.Next(256));
    });

    private static void Ordinary(TestNetwork net, double rate, double seconds, params int[] prefixes) => net.Send(rate, seconds, (random, i, p) =>
    {
        Packets.Tcp(0x10, 443, 1400)(random, i, p);
        p.To = IpAddr.V4(0x0A14_0000u + ((uint)prefixes[random.Next(prefixes.Length)] << 8) + (uint)random.Next(256));
    });
}
