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

        totals.Add(toGroup: 0, fromGroup: -1, TrafficClass.Udp, flow);
        totals.Add(toGroup: 1, fromGroup: -1, TrafficClass.TcpSyn, flow);
        totals.Add(toGroup: -1, fromGroup: 1, TrafficClass.Udp, flow);

        Assert.Equal(new TrafficSum(20, 2_000), totals.Of(Direction.In));
        Assert.Equal(new TrafficSum(10, 1_000), totals.Of(Direction.Out));
        Assert.Equal(default, totals.Of(Direction.Transit));
    }

    [Theory]
    [InlineData(0, -1, Direction.In, 0)]
    [InlineData(-1, 1, Direction.Out, 1)]
    [InlineData(1, 0, Direction.Internal, 1)]
    [InlineData(-1, -1, Direction.Transit, 0)]
    public void The_direction_is_told_by_which_ends_are_home_and_the_group_is_the_destinations_if_it_has_one(
        short to, short from, object direction, int group)
    {
        var totals = new TrafficTotals(groups: 2);

        totals.Add(to, from, TrafficClass.Icmp, new Flow { Packets = 3 });

        Assert.Equal(3, totals.Of(group, (Direction)direction, TrafficClass.Icmp).Packets);
    }
}
