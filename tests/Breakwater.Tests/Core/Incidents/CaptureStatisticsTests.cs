using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Incidents;

public class CaptureStatisticsTests
{
    private const long Noon = 1_700_000_000;

    [Fact]
    public void A_packet_counts_where_it_came()
    {
        var series = Series(Flow(0, 0, 1), Flow(0.5, 0.5, 2), Flow(0.9995, 0.9995, 4));
        Assert.Equal([(0.0, 1L), (0.5, 2), (0.999, 4)], series.Where(p => p.Packets > 0).Select(p => (Math.Round(p.At, 3), p.Packets)), new PointComparer());
    }

    [Fact]
    public void A_long_record_counts_all_through_its_time()
    {
        var series = Series(Flow(0, 0, 1), Flow(0, 600, 6_000), Flow(600, 600, 1));
        Assert.Equal(6_002, series.Sum(p => p.Packets));
        Assert.True(series.Count > 100);
        // Even: no point, of the same width each, stands out.
        Assert.InRange(series.Max(p => p.Packets), 1, 2 + 2 * 6_000 / series.Count(p => p.Packets > 0));
    }

    [Fact]
    public void Records_that_began_before_the_first_are_drawn_where_they_began()
    {
        var series = Series(Flow(100, 100, 1), Flow(40, 100, 600), Flow(160, 160, 1));
        Assert.Equal(602, series.Sum(p => p.Packets));
        Assert.InRange(series[0].At, 39.5, 40.001);
        Assert.True(series.Max(p => p.Packets) < 50);
    }

    [Fact]
    public void A_time_far_before_the_first_does_not_make_the_rest_invisible()
    {
        var series = Series(Flow(0, 0, 1), Flow(-1e9, -1e9, 5), Flow(-1e9, 0.1, 7), Flow(1, 1, 1));
        Assert.Equal(14, series.Sum(p => p.Packets));
        Assert.Equal(0, series[0].At);
    }

    [Fact]
    public void Whatever_the_order_and_length_nothing_is_lost_and_memory_is_bounded()
    {
        var random = new Random(7);
        var statistics = new CaptureStatistics();
        long packets = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var start = random.NextDouble() * 50_000;
            var flow = Flow(start, start + (random.Next(3) == 0 ? random.NextDouble() * 5_000 : 0), random.Next(1, 1_000));
            packets += flow.Packets;
            statistics.Observe([flow]);
        }
        var series = statistics.Series();
        Assert.InRange(series.Count, 1, 600);
        Assert.Equal(packets, series.Sum(p => p.PacketsByClass.Sum()));
        Assert.Equal(packets * 100, series.Sum(p => p.Bytes));
    }

    private static List<(double At, long Packets)> Series(params Flow[] flows)
    {
        var statistics = new CaptureStatistics();
        foreach (var flow in flows) statistics.Observe([flow]);
        return [.. statistics.Series().Select(p => ((p.Time.Nanoseconds - Noon * Timestamp.NanosecondsPerSecond) / 1e9, p.PacketsByClass.Sum()))];
    }

    private static Flow Flow(double from, double to, long packets) => new()
    {
        Source = IpAddr.Parse("192.0.2.1"),
        Destination = IpAddr.Parse("198.51.100.7"),
        Protocol = 17,
        Packets = packets,
        Bytes = packets * 100,
        SampledPackets = (uint)packets,
        Start = new Timestamp(Noon * Timestamp.NanosecondsPerSecond + (long)(from * 1e9)),
        End = new Timestamp(Noon * Timestamp.NanosecondsPerSecond + (long)(to * 1e9)),
    };

    /// <summary>Points are as wide as they have to be: a time is right when it is in the point.</summary>
    private sealed class PointComparer : IEqualityComparer<(double At, long Packets)>
    {
        public bool Equals((double At, long Packets) x, (double At, long Packets) y) => Math.Abs(x.At - y.At) <= 0.002 && x.Packets == y.Packets;

        public int GetHashCode((double At, long Packets) point) => point.Packets.GetHashCode();
    }
}
