using Breakwater.Core.Sketches;

namespace Breakwater.Tests.Core.Sketches;

public class LogHistogramTests
{
    [Theory]
    [InlineData(1_000, 0.3)]
    [InlineData(50_000, 0.8)]
    public void Knows_median_and_spread_of_log_normal_rates(double median, double spread)
    {
        var random = new Random(1);
        var histogram = new LogHistogram();
        for (var i = 0; i < 5_000; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            histogram.Add(median * Math.Exp(spread * normal));
        }
        Assert.InRange(Math.Exp(histogram.Median()) / median, 0.95, 1.05);
        Assert.InRange(histogram.Spread() / spread, 0.9, 1.1);
    }

    [Fact]
    public void Holds_zero_and_the_absurd_in_its_outermost_bins()
    {
        var histogram = new LogHistogram();
        histogram.Add(0);
        histogram.Add(1e300);
        Assert.Equal((1, 1, 2), (histogram[0], histogram[LogHistogram.Bins - 1], histogram.Count));
    }

    [Fact]
    public void Says_zero_when_empty()
    {
        Assert.Equal(0, new LogHistogram().Median());
        Assert.Equal(0, new LogHistogram().Spread());
    }

    [Fact]
    public void Adds_another_and_forgets_by_halves()
    {
        var one = new LogHistogram();
        var other = new LogHistogram();
        for (var i = 0; i < 10; i++) one.Add(100);
        for (var i = 0; i < 6; i++) other.Add(5_000);
        one.Add(other);
        one.Halve();
        Assert.Equal(8, one.Count);
    }

    [Fact]
    public void Stops_counting_a_bin_that_is_full()
    {
        var histogram = new LogHistogram();
        for (var i = 0; i < ushort.MaxValue + 5; i++) histogram.Add(1);
        Assert.Equal(ushort.MaxValue, histogram.Count);
    }
}
