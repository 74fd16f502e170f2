using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Metering;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Detection;

public class DetectionEngineTests
{
    /// <summary>What a few thousand packets in a fraction of a second must be called, without any configuration.</summary>
    public static TheoryData<string, string> SmallAttacks() => new()
    {
        { "dns", "dns-amplification" }, { "ntp", "ntp-amplification" }, { "bacnet", "bacnet-amplification" }, { "ike", "ike-amplification" },
        { "dvr", "dvr-amplification" }, { "memcached", "memcached-amplification" }, { "chargen", "chargen-amplification" }, { "ssdp", "ssdp-amplification" },
        { "unknown-port", "udp-reflection" }, { "syn", "syn-flood" }, { "syn-ack", "syn-ack-reflection" }, { "rst", "rst-reflection" }, { "icmp", "icmp-flood" },
        { "udp", "udp-flood" }, { "fragments", "fragment-flood" }, { "gre", "protocol-flood" }, { "null", "tcp-flags-flood" }, { "ack", "ack-flood" }, { "land", "land-attack" },
    };

    [Theory, MemberData(nameof(SmallAttacks))]
    public void Names_a_small_attack_without_configuration(string attack, string vector)
    {
        using var net = new TestNetwork();
        net.Send(20_000, 0.2, Attack(attack));
        net.Finish();
        var incident = net.Single();
        Assert.Equal(IncidentKind.Ddos, incident.Kind);
        Assert.Equal(new Prefix(TestNetwork.Victim, 32), incident.Target);
        Assert.Contains(vector, incident.Vectors);
        Assert.NotEmpty(incident.Evidence.Flows);
        Assert.NotEmpty(incident.Findings);
        Assert.All(incident.Findings, f => Assert.NotEmpty(f.Counterfactual));
        Assert.All(incident.Vectors, v => Assert.Contains(v, Vectors.All));
        Assert.True(incident.Mitigations[0].AttackShare >= 0.95, $"first rule stops {incident.Mitigations[0].AttackShare}");
    }

    [Theory, MemberData(nameof(SmallAttacks))]
    public void Names_it_among_the_victims_ordinary_traffic(string attack, string vector)
    {
        using var net = new TestNetwork();
        net.SendTogether(2, (1_000, Packets.Web()), (5_000, Attack(attack)));
        net.Finish();
        Assert.Contains(vector, net.Single().Vectors);
    }

    [Fact]
    public void An_incident_is_mitigated_while_something_is_done_about_it_ends_and_is_so_again_when_it_comes_back()
    {
        using var net = new TestNetwork(options => options.Hold = TimeSpan.FromSeconds(5));
        net.Send(20_000, 1, Attack("dns"));
        var id = net.Single().Id;
        Assert.Equal(IncidentState.Open, net.Single().State);

        net.Engine.Mitigate(new HashSet<string> { id, "another" });
        Assert.Equal(IncidentState.Mitigated, net.Single().State);
        net.Send(20_000, 2, Attack("dns"));
        net.Engine.Mitigate(new HashSet<string> { "another" });
        Assert.Equal(IncidentState.Open, net.Single().State);
        net.Engine.Mitigate(new HashSet<string> { id });

        net.Send(100, 20, Packets.Web());
        Assert.Equal(IncidentState.Ended, net.Single().State);
        net.Send(20_000, 1, Attack("dns"));
        Assert.Equal((id, IncidentState.Mitigated), (net.Single().Id, net.Single().State));
        net.Send(100, 20, Packets.Web());
        net.Engine.Mitigate(new HashSet<string>());
        Assert.Equal(IncidentState.Ended, net.Single().State);
    }

    [Fact]
    public void An_incident_of_a_former_run_is_open_until_its_mitigations_are_in_force_again()
    {
        using var before = new TestNetwork();
        before.Send(20_000, 1, Attack("dns"));
        using var net = new TestNetwork();
        net.Engine.Resume([before.Single() with { State = IncidentState.Mitigated }]);
        net.Engine.Mitigate(new HashSet<string>());
        Assert.Equal(IncidentState.Open, net.Single().State);
    }

    [Fact]
    public void Stays_quiet_about_a_busy_web_server()
    {
        using var net = new TestNetwork();
        net.Send(3_000, 60, Packets.Web());
        net.Finish();
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_a_resolver_that_asks()
    {
        using var net = new TestNetwork();
        net.SendTogether(20,
            (200, (random, i, p) => { p.From = TestNetwork.Victim; p.To = Packets.Remote(random.Next(300)); p.SourcePort = (ushort)random.Next(1024, 65536); p.DestinationPort = 53; p.Length = 70; }
        ),
            (200, Packets.Answers(53, 180, 300)));
        net.Finish();
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void A_threshold_lowered_while_running_is_judged_by_at_once_and_loses_no_count()
    {
        var group = new HostGroupOptions();
        using var net = new TestNetwork(group: group);
        net.Send(3_000, 10, Packets.Web());
        var before = net.Engine.SumOf(Direction.In).Packets;
        Assert.Empty(net.Incidents);

        group.Inbound.PacketsPerSecond = 500;
        net.Engine.TakeUpOptions();
        net.Send(3_000, 5, Packets.Web());

        Assert.Equal(before * 3 / 2, net.Engine.SumOf(Direction.In).Packets);
        Assert.Contains("500/s", Assert.Single(net.Incidents).Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_threshold_raised_while_running_leaves_the_open_incident_open()
    {
        var group = new HostGroupOptions { Inbound = { PacketsPerSecond = 500 } };
        using var net = new TestNetwork(group: group);
        net.Send(3_000, 5, Packets.Web());
        var open = Assert.Single(net.Incidents);

        group.Inbound.PacketsPerSecond = 1e6;
        net.Engine.TakeUpOptions();
        net.Send(3_000, 5, Packets.Web());

        Assert.Equal(open.Id, Assert.Single(net.Incidents).Id);
        Assert.Equal(IncidentState.Open, Assert.Single(net.Incidents).State);
    }

    [Fact]
    public void Stays_quiet_about_a_scan_of_many_ports()
    {
        using var net = new TestNetwork();
        net.Send(500, 20, (random, i, p) => { p.From = Packets.Remote(1); p.Protocol = 6; p.Flags = 2; p.SourcePort = 40_000; p.DestinationPort = (ushort)(i + 1); p.Length = 44; });
        net.Finish();
        Assert.DoesNotContain(net.Incidents, i => i.Kind == IncidentKind.Ddos);
    }

    [Fact]
    public void Stays_quiet_about_one_sender_of_video()
    {
        using var net = new TestNetwork();
        net.Send(1_500, 20, (random, i, p) => { p.From = Packets.Remote(1); p.SourcePort = 5004; p.DestinationPort = 5004; p.Length = 1328; });
        net.Finish();
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_a_burst_shorter_than_the_burst_allowed()
    {
        using var net = Thresholds();
        net.Send(100_000, 0.02, Packets.Udp(1000));
        net.Wait(10);
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Sees_five_times_the_threshold_in_a_fifth_of_a_second()
    {
        using var net = Thresholds();
        net.Wait(5);
        var before = net.Now;
        net.Send(50_000, 1, Packets.Udp(1000), exporter: 1);
        var (time, incident) = net.History[0];
        Assert.Contains("udp-flood", incident.Vectors);
        Assert.InRange((time - before).TotalMilliseconds, 0, 200);
    }

    [Fact]
    public void Says_nothing_below_the_threshold_of_an_operator()
    {
        using var net = Thresholds();
        net.Send(8_000, 20, Packets.Udp(1000), exporter: 1);
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Judges_in_and_out_apart()
    {
        using var net = new TestNetwork(group: new HostGroupOptions { Outbound = new RateLimits { PacketsPerSecond = 1_000, UdpPacketsPerSecond = 1_000 } });
        net.Send(5_000, 3, (random, i, p) =>
        {
            p.From = TestNetwork.Victim;
            p.To = IpAddr.Parse("198.51.100.9");
            p.SourcePort = (ushort)random.Next(1024, 65536);
            p.DestinationPort = 80;
        });
        var incident = net.Single();
        Assert.Equal(IncidentKind.OutboundAttack, incident.Kind);
        Assert.Equal(TestNetwork.Victim, incident.Host);
        Assert.Equal(Prefix.Parse("198.51.100.9"), incident.Target);
    }

    [Fact]
    public void Ends_after_the_hold_time_and_keeps_the_end_of_the_traffic()
    {
        using var net = new TestNetwork(o => o.Hold = TimeSpan.FromSeconds(30));
        net.Send(5_000, 5, Packets.Syn());
        var last = net.Now;
        net.Wait(20);
        Assert.Equal(IncidentState.Open, net.Single().State);
        net.Wait(15);
        var ended = net.Single();
        Assert.Equal(IncidentState.Ended, ended.State);
        Assert.InRange(Math.Abs((ended.End!.Value - last).TotalSeconds), 0, 1.5);
        Assert.InRange(ended.Packets, 24_000, 25_000);
    }

    [Fact]
    public void Pulses_are_one_incident()
    {
        using var net = new TestNetwork();
        for (var pulse = 0; pulse < 5; pulse++)
        {
            net.Send(20_000, 3, Packets.Answers(123, 468));
            net.Wait(40);
        }
        net.Finish();
        var incident = net.Single();
        Assert.Equal(5, incident.Pulses);
        Assert.InRange(incident.Rhythm!.PeriodSeconds, 42, 44);
        Assert.InRange(incident.Rhythm.DutyCycle, 0.04, 0.1);
        Assert.Contains("A pulse comes every 43 s", incident.Explanation);
    }

    [Fact]
    public void A_pulse_after_the_end_reopens_the_incident()
    {
        using var net = new TestNetwork(o => o.Hold = TimeSpan.FromSeconds(10));
        net.Send(20_000, 3, Packets.Answers(123, 468));
        net.Wait(60);
        Assert.Equal(IncidentState.Ended, net.Single().State);
        Assert.InRange((net.Single().ArmedUntil!.Value - net.Now).TotalMinutes, 29, 30);
        net.Send(20_000, 3, Packets.Answers(123, 468));
        Assert.Equal(IncidentState.Open, net.Single().State);
        Assert.Null(net.Single().ArmedUntil);
        Assert.Equal(2, net.Single().Pulses);
    }

    [Fact]
    public void Several_vectors_are_one_incident()
    {
        using var net = new TestNetwork();
        net.SendTogether(5, (5_000, Packets.Answers(53, 1400)), (5_000, Packets.Answers(123, 468)), (5_000, Packets.Syn()));
        net.Finish();
        Assert.Equal(["dns-amplification", "ntp-amplification", "syn-flood"], net.Single().Vectors.Order());
    }

    [Theory]
    [InlineData("53")]
    [InlineData("syn")]
    public void A_carpet_over_a_prefix_is_one_incident_about_the_prefix(string kind)
    {
        using var net = new TestNetwork();
        var attack = kind == "syn" ? Packets.Syn() : Packets.Answers(53, 1300, 3000);
        net.Send(60_000, 2, (random, i, p) => { attack(random, i, p); p.To = IpAddr.V4(0xC000_0200u + (uint)random.Next(256)); });
        net.Finish();
        var incident = net.Single();
        Assert.Equal(Prefix.Parse("192.0.2.0/24"), incident.Target);
    }

    [Fact]
    public void A_carpet_far_below_each_hosts_threshold_is_seen_within_half_a_second()
    {
        using var net = Thresholds();
        net.Send(2_000, 5, (random, i, p) => { Packets.Udp(50)(random, i, p); p.To = IpAddr.V4(0xC000_0200u + (uint)random.Next(256)); }, exporter: 1);
        var before = net.Now;
        var amplifiers = new ushort[] { 53, 123, 389, 1900, 19 };
        net.Send(50_000, 2, (random, i, p) =>
        {
            Packets.Answers(amplifiers[random.Next(5)], 900, 8000, (ushort)random.Next(1024, 65536))(random, i, p);
            p.To = IpAddr.V4(0xC000_0200u + (uint)random.Next(256));
        }, exporter: 1);
        var (time, incident) = net.History[0];
        Assert.Equal(Prefix.Parse("192.0.2.0/24"), incident.Target);
        Assert.InRange((time - before).TotalMilliseconds, 0, 500);
    }

    [Fact]
    public void Sampled_traffic_has_an_error_bar()
    {
        using var net = new TestNetwork();
        net.Send(500, 2, Packets.Answers(53, 1400), exporter: 1, sampling: 1000);
        net.Finish();
        var incident = net.Single();
        Assert.Equal(1000 * incident.SampledPackets, incident.Packets);
        Assert.Equal(1.96 / Math.Sqrt(incident.SampledPackets), incident.RelativeError, 3);
    }

    [Fact]
    public void Unknown_sampling_makes_the_numbers_doubtful()
    {
        using var net = new TestNetwork();
        net.Send(5_000, 2, (random, i, p) => { Packets.Answers(53, 1400)(random, i, p); p.Extra = FlowFlags.SamplingUnknown; }, exporter: 1);
        net.Finish();
        Assert.Equal(DataQuality.Doubtful, net.Single().Quality);
    }

    [Fact]
    public void A_record_of_a_minute_is_not_a_burst()
    {
        using var net = Thresholds();
        // 5,000 packets/s in records of a minute each: half the threshold, but 300,000 packets at once.
        for (var minute = 0; minute < 3; minute++)
        {
            net.Send(10, 0.1, (random, i, p) => { Packets.Udp(1)(random, i, p); p.Packets = p.Sampled = 300_000; p.Lasted = TimeSpan.FromSeconds(60); p.Single = false; }, exporter: 1);
            net.Wait(60);
        }
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Records_of_a_minute_that_add_up_are_seen()
    {
        using var net = Thresholds();
        for (var minute = 0; minute < 3; minute++)
        {
            net.Send(100, 0.5, (random, i, p) => { Packets.Udp(50)(random, i, p); p.Packets = p.Sampled = 60_000; p.Lasted = TimeSpan.FromSeconds(60); p.Single = false; }, exporter: 1);
            net.Wait(60);
        }
        Assert.Contains(net.Incidents, i => i.Kind == IncidentKind.Ddos);
    }

    [Fact]
    public void The_same_traffic_gives_the_same_incidents()
    {
        string Once()
        {
            using var net = new TestNetwork();
            net.SendTogether(5, (1_000, Packets.Web()), (5_000, Packets.Syn()), (3_000, Packets.Answers(53, 1400)));
            net.Finish();
            return string.Join('\n', net.Incidents.Select(i => $"{i.Id} {i.Explanation} {string.Join(',', i.Sources)} {string.Join(',', i.Mitigations.Select(m => m.Match.Describe()))}"));
        }

        Assert.Equal(Once(), Once());
    }

    [Fact]
    public void An_incident_left_open_by_a_former_run_continues_and_ends()
    {
        Incident left;
        using (var before = new TestNetwork())
        {
            before.Send(20_000, 2, Packets.Syn());
            left = before.Single();
        }
        using var net = new TestNetwork();
        net.Engine.Resume([left]);
        net.Wait(5);
        net.Send(20_000, 2, Packets.Syn());
        net.Wait(150);
        var incident = net.Single();
        Assert.Equal(left.Id, incident.Id);
        Assert.Equal(IncidentState.Ended, incident.State);
        Assert.True(incident.Packets > left.Packets);
    }

    [Fact]
    public void IPv6_is_watched_like_IPv4()
    {
        using var net = new TestNetwork();
        var victim = IpAddr.Parse("2001:db8:1::7");
        net.Send(20_000, 0.5, (random, i, p) => { Packets.Syn()(random, i, p); p.To = victim; p.From = new IpAddr(0x2001_0470_0000_0000, (ulong)random.NextInt64()); });
        net.Finish();
        Assert.Equal(new Prefix(victim, 128), net.Single().Target);
    }

    [Fact]
    public void A_flood_of_spoofed_targets_does_not_grow_memory()
    {
        using var net = new TestNetwork(o => { o.MaxHosts = 1_000; o.MaxWatched = 64; });
        net.Send(100_000, 3, (random, i, p) => { Packets.Syn()(random, i, p); p.To = new IpAddr(0x2001_0db8_0000_0000ul | (uint)random.Next(), (ulong)random.NextInt64()); });
        Assert.Equal(1_000, net.Engine.Hosts);
        Assert.True(net.Engine.HostsRefused > 100_000);
        Assert.InRange(net.Engine.WatchedTargets, 1, 64);
    }

    [Fact]
    public void Rates_are_reported_each_second_and_sums_each_minute()
    {
        using var net = new TestNetwork();
        net.Send(1_000, 125, Packets.Web());
        net.Finish();
        var second = net.Snapshots[^2];
        Assert.InRange(second.In.PacketsPerSecond, 450, 550);
        Assert.InRange(second.Out.PacketsPerSecond, 450, 550);
        Assert.Equal(TestNetwork.Victim, second.TopHosts[0].Host);
        Assert.Equal(125_000, net.Rollups.Sum(r => r.Packets));
    }

    private static TestNetwork Thresholds() => new(group: new HostGroupOptions { Inbound = new RateLimits { PacketsPerSecond = 10_000, UdpPacketsPerSecond = 10_000, SynPacketsPerSecond = 5_000 } });

    private static Action<Random, long, FlowBuilder> Attack(string name) => name switch
    {
        "dns" => Packets.Answers(53, 1400),
        "ntp" => Packets.Answers(123, 468),
        "bacnet" => Packets.Answers(47808, 124),
        "ike" => Packets.Answers(4500, 232),
        "dvr" => (random, i, p) => Packets.Answers(37810, 716 + random.Next(90))(random, i, p),
        "memcached" => Packets.Answers(11211, 1428, 40, 80),
        "chargen" => Packets.Answers(19, 1100),
        "ssdp" => (random, i, p) => Packets.Answers(1900, 250 + 50 * random.Next(4))(random, i, p),
        "unknown-port" => Packets.Answers(40_777, 300),
        "syn" => Packets.Syn(),
        "syn-ack" => Packets.Tcp(0x12, 443, 44),
        "rst" => Packets.Tcp(0x14, 443, 40),
        "icmp" => Packets.Icmp(200),
        "udp" => Packets.Udp(2000),
        "fragments" => (random, i, p) => { Packets.Udp(100, 1400)(random, i, p); p.SourcePort = p.DestinationPort = 0; p.Extra = FlowFlags.Fragment | FlowFlags.LaterFragment; }
        ,
        "gre" => (random, i, p) => { Packets.Udp(100)(random, i, p); p.Protocol = 47; p.SourcePort = p.DestinationPort = 0; }
        ,
        "null" => (random, i, p) => { Packets.Syn()(random, i, p); p.Flags = 0; }
        ,
        "ack" => (random, i, p) => { Packets.Syn()(random, i, p); p.Flags = 0x10; }
        ,
        "land" => (random, i, p) => { Packets.Syn()(random, i, p); p.From = TestNetwork.Victim; }
        ,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
