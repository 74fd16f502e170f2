using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Beacons;

namespace Breakwater.Tests.Core.Behaviour.Beacons;

public class CallCountsTests
{
    [Fact]
    public void Each_pair_is_counted_by_itself()
    {
        using var counts = new CallCounts(1_024);
        Assert.Equal(1u, counts.Add(7, 100));
        Assert.Equal(2u, counts.Add(7, 110));
        Assert.Equal(1u, counts.Add(9, 120));
        Assert.Equal(3u, counts.Add(7, 130));
    }

    [Fact]
    public void The_one_silent_for_longest_makes_room()
    {
        using var counts = new CallCounts(4);
        for (var pair = 1u; pair <= 4; pair++) counts.Add(pair, pair);
        counts.Add(1, 10);
        counts.Add(5, 11);
        Assert.Equal(3u, counts.Add(1, 12));
        Assert.Equal(1u, counts.Add(2, 13));
    }

    [Fact]
    public void A_filter_never_denies_what_was_added_and_denies_most_else()
    {
        var filter = new PairFilter(1_000);
        for (var pair = 1ul; pair <= 1_000; pair++) filter.Add(pair);
        for (var pair = 1ul; pair <= 1_000; pair++) Assert.True(filter.MayHold(pair));
        var taken = Enumerable.Range(1_001, 10_000).Count(pair => filter.MayHold((ulong)pair));
        Assert.InRange(taken, 0, 2_000);
        filter.Clear();
        Assert.False(filter.MayHold(1));
    }
}
