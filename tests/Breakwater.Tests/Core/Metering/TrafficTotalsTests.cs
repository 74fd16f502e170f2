using Breakwater.Core.Flows;
using Breakwater.Core.Metering;

namespace Breakwater.Tests.Core.Metering;

public class TrafficTotalsTests
{
    [Fact]
    public void The_sum_of_a_direction_is_over_all_groups_and_classes_and_no_other_direction()
    {
        var totals = new TrafficTotals(groups: 2);
        var flow = new Flow { Packets = 10, Bytes = 1_000 };

        totals.Add(0, Direction.In, TrafficClass.Udp, flow);
        totals.Add(1, Direction.In, TrafficClass.TcpSyn, flow);
        totals.Add(1, Direction.Out, TrafficClass.Udp, flow);

        Assert.Equal(new TrafficSum(20, 2_000), totals.Of(Direction.In));
        Assert.Equal(new TrafficSum(10, 1_000), totals.Of(Direction.Out));
        Assert.Equal(default, totals.Of(Direction.Transit));
    }
}
