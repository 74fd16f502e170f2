using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Tests.Core.Sketches;

public class HyperLogLogTests
{
    [Fact]
    public void Counts_nothing_when_nothing_was_added() => Assert.Equal(0, new HyperLogLog(10).Estimate());

    /// <summary>Four standard errors: fails by chance about once in 16,000 seeds, and the seed is fixed.</summary>
    [Theory]
    [InlineData(8, 100)]
    [InlineData(8, 1_000)]
    [InlineData(8, 100_000)]
    [InlineData(10, 10)]
    [InlineData(10, 2_500)]
    [InlineData(10, 3_000)]
    [InlineData(10, 500_000)]
    [InlineData(12, 10_000)]
    [InlineData(14, 40_000)]
    [InlineData(14, 1_000_000)]
    public void Counts_distinct_addresses_within_four_standard_errors(int precision, int addresses)
    {
        var sketch = new HyperLogLog(precision, seed: 1);
        for (var i = 0u; i < addresses; i++)
            for (var again = 0; again < 2; again++) sketch.Add(IpAddr.V4(0xCB00_7100 + i).Hash64());

        Assert.InRange(sketch.Estimate() / addresses, 1 - 4 * sketch.RelativeError, 1 + 4 * sketch.RelativeError);
    }

    [Fact]
    public void States_an_error_that_the_spread_over_many_seeds_bears_out()
    {
        var squares = 0.0;
        for (var seed = 0ul; seed < 200; seed++)
        {
            var sketch = new HyperLogLog(9, seed);
            for (var i = 0ul; i < 5_000; i++) sketch.Add(i);
            squares += Math.Pow(sketch.Estimate() / 5_000 - 1, 2);
        }
        Assert.InRange(Math.Sqrt(squares / 200) / new HyperLogLog(9).RelativeError, 0.8, 1.2);
    }

    [Fact]
    public void Merged_sketches_equal_one_that_saw_everything()
    {
        var left = new HyperLogLog(10, 5);
        var right = new HyperLogLog(10, 5);
        var both = new HyperLogLog(10, 5);
        for (var i = 0ul; i < 10_000; i++)
        {
            if (i < 6_000) left.Add(i);
            if (i > 4_000) right.Add(i);
            both.Add(i);
        }
        left.Merge(right);
        Assert.Equal(both.Estimate(), left.Estimate());
    }

    [Fact]
    public void Refuses_to_merge_what_was_hashed_otherwise()
    {
        Assert.Throws<ArgumentException>(() => new HyperLogLog(10).Merge(new HyperLogLog(11)));
        Assert.Throws<ArgumentException>(() => new HyperLogLog(10, 1).Merge(new HyperLogLog(10, 2)));
    }

    [Fact]
    public void Counts_from_nothing_again_after_being_cleared()
    {
        var sketch = new HyperLogLog(8);
        for (var i = 0ul; i < 1_000; i++) sketch.Add(i);
        sketch.Clear();
        Assert.Equal(0, sketch.Estimate());
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var sketch = new HyperLogLog(12);
        sketch.Add(1);
        _ = sketch.Estimate();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0ul; i < 1_000; i++) sketch.Add(i);
        _ = sketch.Estimate();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
