using Breakwater.Core.Flows;
using Breakwater.Core.Simulation.Fleet;

namespace Breakwater.Tests.Core.Simulation;

public class SimulatedFleetTests
{
    private static readonly Timestamp Midnight = Timestamp.FromUnixSeconds(1_700_006_400);

    [Fact]
    public void Gives_the_same_records_for_the_same_seed_however_they_are_taken()
    {
        var inOneGo = Run(seed: 7, step: 7_200);
        Assert.Equal(inOneGo, Run(seed: 7, step: 11.3));
        Assert.NotEqual(inOneGo, Run(seed: 8, step: 7_200));
    }

    [Fact]
    public void Gives_records_in_the_order_of_their_ends_and_none_from_the_future()
    {
        var fleet = new SimulatedFleet(1, Midnight, hosts: 60, bots: 6);
        var batch = new FlowBatch();
        var last = Midnight;
        for (var minute = 1; minute <= 600; minute++)
        {
            var until = Midnight + TimeSpan.FromMinutes(minute);
            for (var more = true; more;)
            {
                more = !fleet.Fill(batch, until);
                foreach (ref readonly var flow in batch.Flows)
                {
                    Assert.True(flow.Start <= flow.End && flow.End >= last && flow.End < until);
                    Assert.True(flow.Packets > 0 && flow.Bytes >= 20 * flow.Packets);
                    last = flow.End;
                }
                batch.Clear();
            }
        }
    }

    [Fact]
    public void Has_bots_of_all_kinds_on_hosts_of_its_own()
    {
        var bots = new SimulatedFleet(1, Midnight).Bots;

        Assert.Equal(10, bots.Count);
        Assert.Equal(Enum.GetValues<BotKind>().Length, bots.Select(b => b.Kind).Distinct().Count());
        Assert.Equal(bots.Count, bots.Select(b => b.Host).Distinct().Count());
        Assert.All(bots, b => Assert.True(SimulatedFleet.Home.Contains(b.Host) && b.From > Midnight));
    }

    private static List<Flow> Run(int seed, double step)
    {
        var fleet = new SimulatedFleet(seed, Midnight, hosts: 60, bots: 6);
        var batch = new FlowBatch();
        var records = new List<Flow>();
        for (var until = 0.0; until < 7_200;)
        {
            until = Math.Min(7_200, until + step);
            while (!fleet.Fill(batch, Midnight + TimeSpan.FromSeconds(until))) Take();
            Take();
        }
        return records;

        void Take()
        {
            records.AddRange(batch.Flows);
            batch.Clear();
        }
    }
}
