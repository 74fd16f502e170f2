using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Scans;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Scans;

public sealed class ScanBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((options, home) => [new ScanBehaviour(options, home)]);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Names_a_host_of_ours_that_tries_telnet_at_addresses_that_do_not_answer()
    {
        for (var i = 0; i < 40; i++) _world.Try(Host(7), Remote(i), 23);
        _world.Finish();
        var scan = Assert.Single(_world.Alarms);
        Assert.Equal((IncidentKind.Scan, Host(7)), (scan.Kind, scan.Host));
        Assert.Equal([SignNames.HorizontalScan], scan.Vectors);
        var finding = Assert.Single(scan.Findings);
        Assert.InRange(finding.Inputs.Single(i => i.Key == "targets").Value, 36, 44);
        Assert.NotEmpty(finding.Counterfactual);
    }

    [Fact]
    public void Says_nothing_of_questions_whose_answers_it_had_no_time_to_see()
    {
        for (var i = 0; i < 40; i++) _world.Try(Host(7), Remote(i), 23);
        _world.Flush();
        _world.Packet(Remote(1), Host(7), 6, 23, 40_000, SynAck);
        _world.Miss();
        _world.Finish();
        Assert.Empty(_world.Incidents);
        Assert.Equal(1, _world.Engine.FlowsMissed);
    }

    [Fact]
    public void Does_not_care_how_slowly_they_are_tried()
    {
        for (var i = 0; i < 20; i++)
        {
            _world.Try(Host(7), Remote(i), 23);
            _world.Wait(3 * 3600);
        }
        Assert.Contains(_world.Alarms, i => i.Kind == IncidentKind.Scan && i.Host == Host(7));
    }

    [Fact]
    public void Names_who_tries_the_ports_of_one_host_and_the_host()
    {
        for (var i = 0; i < 150; i++) _world.Refused(Remote(1), Host(9), (ushort)(1 + i));
        _world.Wait(2);
        var scan = Assert.Single(_world.Alarms);
        Assert.Equal([SignNames.VerticalScan], scan.Vectors);
        Assert.Equal((Remote(1), new Prefix(Host(9), 32)), (scan.Host!.Value, scan.Target!.Value));
    }

    [Fact]
    public void Somebody_elsewhere_who_tries_a_few_ports_of_one_host_is_told_of_and_wakes_nobody()
    {
        for (var i = 0; i < 40; i++) _world.Refused(Remote(1), Host(9), (ushort)(1 + i));
        _world.Wait(2);
        Assert.Equal(Severity.Low, Assert.Single(_world.Incidents).Severity);
    }

    [Fact]
    public void Stays_quiet_about_a_file_sharer_whose_peers_are_gone_each_at_a_port_of_its_own()
    {
        for (var i = 0; i < 200; i++)
        {
            _world.Try(Host(7), Remote(i), (ushort)(10_000 + i * 37 % 50_000));
            _world.Packet(Host(7), Remote(i), 17, 6_881, (ushort)(10_000 + i * 91 % 50_000), length: 120);
            if (i % 4 == 0) _world.Connect(Host(7), Remote(i), (ushort)(20_000 + i), 41_000);
        }
        _world.Finish();
        Assert.Empty(_world.Alarms);
    }

    [Fact]
    public void Stays_quiet_about_who_is_answered_four_times_of_five()
    {
        for (var i = 0; i < 250; i++)
        {
            if (i % 5 == 0) _world.Try(Host(7), Remote(i), 443);
            else _world.Connect(Host(7), Remote(i), 443, 40_000);
        }
        _world.Finish();
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_a_client_that_tries_one_dead_server_all_day()
    {
        for (var i = 0; i < 500; i++)
        {
            _world.Try(Host(7), Remote(1), 8080, (ushort)(40_000 + i));
            _world.Wait(60);
        }
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_web_servers_that_fall_silent_all_at_once()
    {
        for (var i = 0; i < 40; i++) _world.Try(Host(7), Remote(i), 443);
        _world.Finish();
        Assert.Empty(_world.Alarms);
    }

    [Fact]
    public void Stays_quiet_about_answers_to_questions_that_somebody_forged()
    {
        for (var i = 0; i < 200; i++) _world.Packet(Remote(i), Host(7), 6, 443, (ushort)(1024 + i), SynAck, 44);
        for (var i = 0; i < 200; i++) _world.Packet(Remote(i), Host(7), 6, 80, (ushort)(1024 + i), RstAck, 40);
        _world.Finish();
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void A_traceroute_is_no_scan()
    {
        for (var i = 0; i < 90; i++) _world.Packet(Host(7), Remote(1), 17, 50_000, (ushort)(33_434 + i), length: 60);
        _world.Finish();
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Finds_a_sweep_by_ARP_where_some_answer()
    {
        for (var i = 1; i < 60; i++)
        {
            _world.Packet(Host(100), Host(i), 0, 0, 0, extra: FlowFlags.SinglePacket | FlowFlags.Arp, length: 28);
            if (i % 6 == 0) _world.Packet(Host(i), Host(100), 0, 0, 0, extra: FlowFlags.SinglePacket | FlowFlags.Arp, length: 28);
        }
        _world.Finish();
        Assert.Equal([SignNames.ArpScan], Assert.Single(_world.Alarms).Vectors);
    }

    [Fact]
    public void Where_no_answer_to_ARP_is_ever_seen_a_router_that_asks_for_many_is_no_scanner()
    {
        for (var i = 2; i < 40; i++) _world.Packet(Host(1), Host(i), 0, 0, 0, extra: FlowFlags.SinglePacket | FlowFlags.Arp, length: 28);
        _world.Finish();
        Assert.Empty(_world.Alarms);
    }

    [Fact]
    public void Three_SYNs_with_the_mark_of_Mirai_prove_an_infection()
    {
        for (var i = 0; i < 3; i++)
        {
            _world.Try(Host(7), Remote(i), 23);
            Mark(Host(7), Remote(i));
        }
        _world.Finish();
        Assert.Contains(_world.Alarms, i => i.Kind == IncidentKind.InfectedHost && i.Host == Host(7) && i.Confidence >= 0.9);
    }

    [Fact]
    public void Many_who_try_one_service_once_each_are_one_incident_about_the_prefix()
    {
        for (var i = 0; i < 120; i++) _world.Try(IpAddr.V4(0x0B00_0000u + (uint)i * 7919), Host(i), 23);
        _world.Finish();
        var scan = Assert.Single(_world.Incidents);
        Assert.Equal(Prefix.Parse("192.0.2.0/24"), scan.Target);
        Assert.Null(scan.Host);
        Assert.Equal(Severity.Low, scan.Severity);
        Assert.InRange(scan.SourceCount, 100, 140);
        Assert.NotEmpty(scan.Sources);
    }

    [Fact]
    public void Sampled_at_one_in_ten_what_is_left_of_a_scan_is_enough_and_of_a_client_too_little()
    {
        for (var i = 0; i < 40; i++) _world.Packet(Host(7), Remote(i), 6, 40_000, 23, Syn, 44, packets: 10, sampled: 1);
        for (var i = 0; i < 200; i++) _world.Packet(Host(8), Remote(i), 6, 40_000, 443, i % 20 == 0 ? Syn : Ack, 400, packets: 10, sampled: 1);
        _world.Finish();
        var scan = Assert.Single(_world.Alarms);
        Assert.Equal(Host(7), scan.Host);
        Assert.Equal(DataQuality.Coarse, scan.Quality);
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var flows = new FlowBatch();
        void Round()
        {
            for (var i = 0; i < 2_000; i++)
            {
                var request = new Flow { Source = Host(i % 200), Destination = Remote(i), SourcePort = (ushort)(40_000 + i), DestinationPort = 443, Protocol = 6, TcpFlags = i % 9 == 0 ? Syn : SynAck, Packets = 4, SampledPackets = 4, Bytes = 400 };
                flows.Add(request);
                if (i % 9 != 0) flows.Add(request with { Source = request.Destination, Destination = request.Source, SourcePort = 443, DestinationPort = request.SourcePort });
            }
            _world.Engine.Observe(flows);
            flows.Clear();
        }
        for (var i = 0; i < 3; i++) Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Mark(IpAddr from, IpAddr to)
    {
        _world.Flush();
        ((IObservationSink)_world.Engine).Take(new Flow { Source = from, Destination = to, DestinationPort = 23, Protocol = 6, Start = _world.Now, End = _world.Now }, new SynFingerprint(SynTool.Mirai));
    }
}
