using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Simulation;

namespace Breakwater.Tests.Core.Simulation;

public class TrafficSimulatorTests
{
    private static readonly Timestamp Start = Timestamp.FromUnixSeconds(1_700_000_000);

    [Fact]
    public void Gives_the_same_records_for_the_same_seed_however_they_are_taken()
    {
        var inOneGo = Run(seed: 7, seconds: 16, step: 16);
        Assert.Equal(inOneGo, Run(seed: 7, seconds: 16, step: 0.013));
        Assert.NotEqual(inOneGo, Run(seed: 8, seconds: 16, step: 16));
    }

    [Fact]
    public void Gives_records_in_the_order_of_their_ends_and_none_from_the_future()
    {
        var simulator = new TrafficSimulator(1, Start);
        var batch = new FlowBatch();
        var last = Start;
        for (var second = 1; second <= 15; second++)
        {
            var until = Start + TimeSpan.FromSeconds(second);
            while (!simulator.Fill(batch, until)) Check();
            Check();

            void Check()
            {
                foreach (var flow in batch.Flows)
                {
                    Assert.True(flow.Start <= flow.End && flow.End >= last && flow.End < until);
                    Assert.True(flow.Packets >= flow.SampledPackets && flow.SampledPackets > 0 && flow.Bytes >= 20 * flow.Packets);
                    last = flow.End;
                }
                batch.Truncate(0);
            }
        }
    }

    [Fact]
    public void Begins_the_first_attack_within_a_quarter_of_a_minute_and_repeats_on_other_hosts()
    {
        var attacks = new TrafficSimulator(1, Start).AttacksBefore(Start + TimeSpan.FromMinutes(15)).ToArray();

        Assert.InRange((attacks[0].Start - Start).TotalSeconds, 10, 15);
        Assert.True(attacks.Length > 15);
        Assert.All(attacks, a => Assert.All(a.Vectors, v => Assert.Contains(v, Vectors.All)));
        Assert.All(attacks, a => Assert.Contains(SimulatedNetwork.Home, home => home.Contains(a.Target)));
        Assert.All(attacks.Zip(attacks.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.Start));
        Assert.Equal(attacks[0].Vectors, attacks[10].Vectors);
        Assert.NotEqual(attacks[0].Target, attacks[10].Target);
    }

    [Fact]
    public void Sends_every_attack_at_its_rate_to_its_target_while_it_is_on_and_nothing_like_it_before()
    {
        var simulator = new TrafficSimulator(3, Start);
        var attacks = simulator.AttacksBefore(Start + TimeSpan.FromSeconds(440)).ToArray();
        var during = new double[attacks.Length];
        var before = new double[attacks.Length];
        foreach (var flow in Records(simulator, seconds: 450))
        {
            for (var i = 0; i < attacks.Length; i++)
            {
                if (!attacks[i].Target.Contains(flow.Destination)) continue;
                if (attacks[i].IsOnAt(flow.End)) during[i] += flow.Packets;
                else if (flow.End < attacks[i].Start && flow.End >= attacks[i].Start - TimeSpan.FromSeconds(10)) before[i] += flow.Packets;
            }
        }
        Assert.Equal(10, attacks.Length);
        Assert.All(attacks, a =>
        {
            var secondsOn = a.PulsePeriod == TimeSpan.Zero ? (a.End - a.Start).TotalSeconds : 25;
            Assert.InRange(during[a.Number] / secondsOn, a.PacketsPerSecond, 1.1 * a.PacketsPerSecond);
            Assert.InRange(before[a.Number] / 10, 0, 3_000);
        });
    }

    [Fact]
    public void Makes_ordinary_traffic_that_looks_like_people_at_work()
    {
        var flows = Run(seed: 5, seconds: 11, step: 1);
        bool Home(IpAddr address) => SimulatedNetwork.Home.Any(p => p.Contains(address));

        Assert.All(flows, f => Assert.True(Home(f.Source) != Home(f.Destination)));
        Assert.InRange(flows.Count / 11, 300, 3_000);
        var syns = flows.Count(f => f.Protocol == 6 && (f.TcpFlags & 0x12) == 0x02);
        var synAcks = flows.Count(f => f.Protocol == 6 && (f.TcpFlags & 0x12) == 0x12);
        Assert.InRange((double)synAcks / syns, 0.85, 1);
        Assert.InRange(Packets(f => Home(f.Destination)) / Packets(f => Home(f.Source)), 0.5, 2);
        Assert.InRange(Packets(f => !f.Source.IsV4) / Packets(_ => true), 0.1, 0.4);
        Assert.InRange(Packets(f => f.Protocol == 17) / Packets(_ => true), 0.05, 0.4);
        Assert.InRange(flows.Where(f => Home(f.Source)).Sum(f => f.Bytes) * 8 / 11, 1_000_000, 100_000_000);

        double Packets(Func<Flow, bool> where) => flows.Where(where).Sum(f => f.Packets);
    }

    private static List<Flow> Run(int seed, double seconds, double step) => [.. Records(new TrafficSimulator(seed, Start), seconds, step)];

    private static IEnumerable<Flow> Records(TrafficSimulator simulator, double seconds, double step = 1)
    {
        var batch = new FlowBatch();
        for (var i = 1; i * step < seconds + step; i++)
        {
            bool done;
            do
            {
                done = simulator.Fill(batch, Start + TimeSpan.FromSeconds(Math.Min(i * step, seconds)));
                foreach (var flow in batch.Flows.ToArray()) yield return flow;
                batch.Truncate(0);
            }
            while (!done);
        }
    }
}
