using System.Runtime.Intrinsics;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Metering;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Metering;

public class PrefixMeterTests
{
    private static readonly HomeNetwork Home = new([Prefix.Parse("10.20.0.0/16"), Prefix.Parse("2001:db8::/32")], []);
    private static readonly Vector256<float>[] Thresholds = [Vector256.Create(1f / 1_000)];
    private readonly Dictionary<Prefix, int> _alarms = [];

    [Fact]
    public void A_sum_that_no_part_reaches_alarms_at_the_smallest_prefix_that_does()
    {
        var meter = new PrefixMeter(1_000, Home);
        Run(meter, 40, 10, 0);
        Run(meter, 10, 45, 4, 5, 6, 7);
        Assert.Equal([Prefix.Parse("10.20.4.0/22")], _alarms.Keys);
    }

    [Fact]
    public void A_part_with_its_own_alarm_does_not_count_above()
    {
        var meter = new PrefixMeter(1_000, Home);
        Run(meter, 40, 10, 0, 4, 7, 100);
        Run(meter, 10, 1_000, 4);
        Assert.Equal([Prefix.Parse("10.20.4.0/24")], _alarms.Keys);
    }

    [Fact]
    public void Never_alarms_beyond_home()
    {
        var meter = new PrefixMeter(2_000, Home);
        Run(meter, 40, 1, 0);
        Run(meter, 20, 1_000, [.. Enumerable.Range(0, 256)]);
        Assert.All(_alarms.Keys, p => Assert.True(Home.Home[0].Contains(p), $"{p}"));
    }

    [Fact]
    public void More_networks_than_it_has_room_for_are_counted_together()
    {
        var meter = new PrefixMeter(1_024, Home);
        Run(meter, 40, 1, 0);
        var now = _now;
        for (var tick = 0; tick < 10; tick++)
        {
            for (var i = 0; i < 1_000; i++)
            {
                var slot = meter.FindOrAdd(new IpAddr(0x2001_0db8_0000_0000ul + (ulong)(tick * 1_000 + i) * 65_537, 1), 0, now);
                if (slot >= 0) meter.Add(slot, Vector256.Create(1f));
            }
            now += TimeSpan.FromMilliseconds(100);
            meter.Tick(now, Thresholds, 0.25f, Alarm(meter));
        }
        Assert.Equal(1_024, meter.Count);
        Assert.Contains(Prefix.Parse("2001:db8::/32"), _alarms.Keys);
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var meter = new PrefixMeter(1_000, Home);
        Run(meter, 60, 100, 1, 2, 3, 4, 200);
        var alarm = Alarm(meter);
        Assert.Equal(0, Allocations.Least(() => () =>
        {
            for (var i = 0; i < 200; i++) meter.Add(meter.FindOrAdd(IpAddr.V4(0x0A14_0100u + (uint)(i % 4 << 8)), 0, _now), Vector256.Create(1f));
            meter.Tick(_now += TimeSpan.FromMilliseconds(100), Thresholds, 1e9f, alarm);
        }));
    }

    private Timestamp _now = Timestamp.FromUnixSeconds(1_700_000_000);

    /// <summary>Ticks of 100 ms with as many packets to each of some /24 of 10.20.0.0/16.</summary>
    private void Run(PrefixMeter meter, int ticks, int packets, params int[] networks)
    {
        for (var tick = 0; tick < ticks; tick++)
        {
            foreach (var network in networks)
                meter.Add(meter.FindOrAdd(IpAddr.V4(0x0A14_0000u + ((uint)network << 8) + 1), 0, _now), Vector256.Create((float)packets));
            _now += TimeSpan.FromMilliseconds(100);
            meter.Tick(_now, Thresholds, 0.25f, Alarm(meter));
        }
    }

    private Action<int, int, double> Alarm(PrefixMeter meter) => (slot, _, _) => _alarms[meter.At(slot).Prefix] = _alarms.GetValueOrDefault(meter.At(slot).Prefix) + 1;
}
