using Breakwater.Core.Net;
using Breakwater.Core.Sketches;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Core.Sketches;

public class SpaceSavingTests
{
    [Fact]
    public void Counts_exactly_while_there_is_room()
    {
        var sketch = new SpaceSaving<ushort>(4);
        sketch.Add(53, 10);
        sketch.Add(123, 4);
        sketch.Add(53, 5);

        Assert.Equal([new HeavyHitter<ushort>(53, 15, 0), new HeavyHitter<ushort>(123, 4, 0)], sketch.Top(10));
        Assert.Equal(19, sketch.Total);
    }

    [Fact]
    public void Gives_the_lightest_keys_place_to_a_newcomer_and_says_what_that_costs()
    {
        var sketch = new SpaceSaving<int>(2);
        sketch.Add(1, 10);
        sketch.Add(2, 3);
        sketch.Add(3, 1);

        Assert.False(sketch.TryFind(2, out _));
        Assert.True(sketch.TryFind(3, out var newcomer));
        Assert.Equal(new HeavyHitter<int>(3, 4, 3), newcomer);
        Assert.Equal(1, newcomer.AtLeast);
    }

    /// <summary>The three promises of the paper, against exact counts of a skewed stream.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    public void Never_counts_too_low_nor_too_high_by_more_than_the_error_and_misses_no_heavy_key(int capacity) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var sketch = new SpaceSaving<int>(capacity);
            var truth = new Dictionary<int, long>();
            for (var i = 0; i < 2_000; i++)
            {
                var key = (int)(500 * Math.Pow(random.NextDouble(), 4));
                var weight = random.Next(1, 20);
                sketch.Add(key, weight);
                truth[key] = truth.GetValueOrDefault(key) + weight;
            }
            var held = sketch.Top(capacity);
            return sketch.Total == truth.Values.Sum()
                && held.All(h => h.Count >= truth[h.Key] && h.AtLeast <= truth[h.Key] && h.Error <= sketch.Total / capacity)
                && truth.Where(t => t.Value > sketch.Total / capacity).All(t => sketch.TryFind(t.Key, out _));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void Finds_the_ten_heaviest_of_a_hundred_thousand_sources()
    {
        var random = new Random(11);
        var sketch = new SpaceSaving<IpAddr>(1_000);
        for (var i = 0; i < 200_000; i++)
            sketch.Add(IpAddr.V4(random.Next(4) == 0 ? 0xC000_0200 + (uint)random.Next(10) : 0xCB00_0000 + (uint)random.Next(100_000)));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => IpAddr.V4(0xC000_0200 + (uint)i)), sketch.Top(10).Select(h => h.Key).Order());
        Assert.All(sketch.Top(10), h => Assert.InRange(h.AtLeast, 4_000, 6_000));
    }

    [Fact]
    public void Sorts_equal_weights_by_key()
    {
        var sketch = new SpaceSaving<Prefix>(8);
        foreach (var prefix in new[] { "198.51.100.0/24", "192.0.2.0/25", "192.0.2.0/24" }) sketch.Add(Prefix.Parse(prefix), 5);
        Assert.Equal(["192.0.2.0/24", "192.0.2.0/25", "198.51.100.0/24"], sketch.Top(3).Select(h => h.Key.ToString()));
    }

    [Fact]
    public void Stops_at_the_largest_number_instead_of_wrapping()
    {
        var sketch = new SpaceSaving<int>(1);
        sketch.Add(1, long.MaxValue);
        sketch.Add(1, long.MaxValue);
        sketch.Add(2, long.MaxValue);
        Assert.Equal(long.MaxValue, sketch.Total);
        Assert.Equal(long.MaxValue, sketch.Top(1)[0].Count);
    }

    [Fact]
    public void Takes_no_notice_of_weights_below_one()
    {
        var sketch = new SpaceSaving<int>(2);
        sketch.Add(1, 0);
        sketch.Add(1, -5);
        Assert.Empty(sketch.Top(2));
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var sketch = new SpaceSaving<IpAddr>(64);
        for (var i = 0u; i < 1_000; i++) sketch.Add(IpAddr.V4(i));
        sketch.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0u; i < 10_000; i++) sketch.Add(IpAddr.V4(i % 700), i);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
