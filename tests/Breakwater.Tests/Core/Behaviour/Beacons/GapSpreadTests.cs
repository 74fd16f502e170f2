using Breakwater.Core.Behaviour.Beacons;

namespace Breakwater.Tests.Core.Behaviour.Beacons;

public sealed class GapSpreadTests
{
    private const int Days = 200;

    [Theory]
    [InlineData(37.8, 60)]
    [InlineData(60, 90)]
    [InlineData(200, 350)]
    public void Dice_are_known_within_forty_five_calls(double from, double to) =>
        Assert.True(Share(random => from + (to - from) * random.NextDouble(), 44) > 0.95);

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.25)]
    public void A_scheduler_that_spreads_its_load_throws_no_dice(double share) =>
        Assert.Equal(0, Share(random => 300 * (1 + share * random.NextDouble()), 256));

    [Fact]
    public void A_timer_that_is_late_at_times_throws_no_dice() =>
        Assert.True(Share(random => 60 - 6 * Math.Log(1 - random.NextDouble()), 256) < 0.03);

    [Fact]
    public void A_timer_that_something_cuts_short_throws_no_dice() =>
        Assert.True(Share(random => random.Next(6) == 0 ? 5 + 50 * random.NextDouble() : 60 + 4 * random.NextDouble(), 256) < 0.03);

    [Fact]
    public void Two_timers_leave_a_hole()
    {
        Assert.Equal(0, Share(random => (random.Next(2) == 0 ? 60 : 90) + random.NextDouble(), 256));
        Assert.True(GapSpread.Of([.. Enumerable.Range(0, 20).Select(i => i < 10 ? 60 + i * 0.1 : 90 + i * 0.1)]).Hole > 0.8);
    }

    [Fact]
    public void What_dice_measure_is_what_they_are()
    {
        var spread = GapSpread.Of([.. Enumerable.Range(0, 1_001).Select(i => 60 + 0.03 * i)]);
        Assert.Equal(0.4, spread.Width, 3);
        Assert.Equal(0.16, spread.Early, 3);
        Assert.Equal(0.5, spread.Center, 3);
        Assert.Equal(0.625, spread.Middle, 3);
        Assert.True(spread.IsDiced);
    }

    [Fact]
    public void Of_few_gaps_or_equal_ones_nothing_is_said()
    {
        Assert.Equal(default, GapSpread.Of([.. Enumerable.Range(60, GapSpread.MinGaps - 1).Select(i => (double)i)]));
        Assert.False(GapSpread.Of([.. Enumerable.Repeat(60.0, 100)]).IsDiced);
        Assert.False(default(GapSpread).IsDiced);
    }

    /// <summary>Share of days on which the gaps are called diced at least once while they come in.</summary>
    private static double Share(Func<Random, double> gap, int count)
    {
        var days = 0;
        for (var day = 0; day < Days; day++)
        {
            var random = new Random(day);
            var gaps = Enumerable.Range(0, count).Select(_ => gap(random)).ToArray();
            for (var seen = GapSpread.MinGaps; seen <= count; seen += Math.Max(1, seen / 8))
            {
                if (!GapSpread.Of([.. gaps.Take(seen).Order()]).IsDiced) continue;
                days++;
                break;
            }
        }
        return (double)days / Days;
    }
}
