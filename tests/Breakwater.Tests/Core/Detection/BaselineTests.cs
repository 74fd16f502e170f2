using Breakwater.Core.Detection;
using Breakwater.Core.Flows;

namespace Breakwater.Tests.Core.Detection;

public class BaselineTests
{
    /// <summary>A Monday, midnight UTC.</summary>
    private static readonly Timestamp Monday = Timestamp.FromUnixSeconds(1_699_833_600);

    private readonly BaselineOptions _options = new() { Floor = 1_000 };
    private readonly Random _random = new(1);

    [Fact]
    public void Says_nothing_until_it_has_watched_for_the_learning_time()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, from: 0, days: 1, Office, minutes: 1439);
        Assert.Null(baseline.Threshold(At(1)));
        Assert.Equal(TimeSpan.FromMinutes(1), baseline.LearningLeft);

        baseline.Observe(At(1), 100);
        Assert.NotNull(baseline.Threshold(At(1)));
    }

    [Fact]
    public void Knows_the_hours_of_the_week_after_some_weeks()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 28, Office);

        var noon = baseline.Threshold(At(28, hour: 12))!.Value;
        var night = baseline.Threshold(At(28, hour: 3))!.Value;
        var sunday = baseline.Threshold(At(34, hour: 12))!.Value;
        Assert.Equal([BaselineScope.HourOfWeek, BaselineScope.HourOfWeek, BaselineScope.HourOfWeek], [noon.Scope, night.Scope, sunday.Scope]);
        Assert.InRange(noon.Usual, 18_000, 22_000);
        Assert.InRange(night.Usual, 1_800, 2_200);
        Assert.InRange(sunday.Usual, 1_800, 2_200);
    }

    [Fact]
    public void Falls_back_to_the_hour_of_the_day_and_then_to_all_hours()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 1, Office, minutes: 1440);
        Assert.Equal(BaselineScope.AllHours, baseline.Threshold(At(1, 12))!.Value.Scope);
        Teach(baseline, 1, 3, Office);
        Assert.Equal(BaselineScope.HourOfDay, baseline.Threshold(At(4, 12))!.Value.Scope);
    }

    [Fact]
    public void Is_above_everything_ordinary_and_below_a_real_attack()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 21, Office);
        var highest = 0.0;
        for (var minute = 0; minute < 7 * 1440; minute++)
        {
            var time = At(21) + TimeSpan.FromMinutes(minute);
            highest = Math.Max(highest, Office(time) / baseline.Threshold(time)!.Value.Rate);
        }
        Assert.InRange(highest, 0.1, 1);
        Assert.InRange(baseline.Threshold(At(28, 12))!.Value.Rate, 30_000, 200_000);
    }

    [Fact]
    public void Keeps_to_the_floor_for_an_idle_prefix()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 7, _ => 0);
        Assert.Equal((1_000, BaselineTerm.Floor), (baseline.Threshold(At(7))!.Value.Rate, baseline.Threshold(At(7))!.Value.Term));
    }

    [Fact]
    public void Learns_no_attack_that_nobody_told_it_of()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 14, Office);
        var before = baseline.Threshold(At(14, 12))!.Value.Rate;
        Teach(baseline, 14, 1, _ => 5_000_000, minutes: 120);
        Assert.InRange(baseline.Threshold(At(14, 12))!.Value.Rate / before, 1, 1.3);
    }

    /// <summary>Ten percent more every day for a month is 17 times as much; what is learnt may not follow faster than the option says.</summary>
    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(1.05, 4.4)]
    public void Follows_a_slow_ramp_no_faster_than_it_is_allowed(double growthPerDay, double mostGrowth)
    {
        _options.GrowthPerDay = growthPerDay;
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 14, Office);
        var before = baseline.Threshold(At(14, 12))!.Value.BusiestMinute;
        Teach(baseline, 14, 30, time => Office(time) * Math.Pow(1.1, (time - At(14)).TotalDays));
        Assert.InRange(baseline.Threshold(At(44, 12))!.Value.BusiestMinute / before, 0.9, mostGrowth + 1e-9);
    }

    [Fact]
    public void Follows_a_service_that_grows_for_good()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 14, Office);
        Teach(baseline, 14, 42, time => 2 * Office(time));
        Assert.InRange(baseline.Threshold(At(56, 12))!.Value.Usual, 30_000, 45_000);
    }

    [Fact]
    public void Never_trusts_a_spread_beyond_ten_times_the_busiest_minute()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 14, _ => Math.Exp(10 * _random.NextDouble()));
        var threshold = baseline.Threshold(At(14))!.Value;
        Assert.Equal((BaselineTerm.Spread, 10 * threshold.BusiestMinute), (threshold.Term, threshold.Rate));
    }

    [Fact]
    public void Takes_no_notice_of_minutes_that_come_again_and_of_rates_that_are_none()
    {
        var baseline = new Baseline(_options);
        baseline.Observe(At(1), 10);
        baseline.Observe(At(1), 10);
        baseline.Observe(At(0), 10);
        baseline.Observe(At(2), double.NaN);
        baseline.Observe(At(2), -1);
        Assert.Equal(_options.Learning - TimeSpan.FromMinutes(1), baseline.LearningLeft);
    }

    [Fact]
    public void Stays_finite_whatever_it_is_taught()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 3, _ => _random.Next(3) switch { 0 => double.MaxValue, 1 => double.PositiveInfinity, _ => 0 });
        Assert.True(double.IsFinite(baseline.Threshold(At(3))!.Value.Rate));
    }

    [Fact]
    public void Goes_on_after_a_restart_as_if_nothing_had_been()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 20, Office);
        var restored = Baseline.FromBytes(baseline.ToBytes(), _options)!;

        Assert.Equal(baseline.ToBytes(), restored.ToBytes());
        for (var day = 20; day < 25; day++)
        {
            for (var hour = 0; hour < 24; hour++)
            {
                baseline.Observe(At(day, hour), 3_000 * day);
                restored.Observe(At(day, hour), 3_000 * day);
                Assert.Equal(baseline.Threshold(At(day, hour)), restored.Threshold(At(day, hour)));
            }
        }
    }

    [Fact]
    public void Fits_into_the_bytes_it_promises()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 28, _ => Math.Exp(32 * _random.NextDouble()));
        Assert.InRange(baseline.ToBytes().Length, 1, 66 * 1024);
    }

    [Fact]
    public void Starts_afresh_from_damaged_bytes()
    {
        var baseline = new Baseline(_options);
        Teach(baseline, 0, 2, Office);
        var bytes = baseline.ToBytes();
        for (var length = 0; length < bytes.Length; length++) Assert.Null(Baseline.FromBytes(bytes.AsSpan(0, length), _options));
        Assert.Null(Baseline.FromBytes(bytes, new BaselineOptions { Days = 7 }));
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0xFF;
            var read = Baseline.FromBytes(damaged, _options);
            read?.Observe(At(3), 1_000);
            Assert.True(read?.Threshold(At(3)) is not { } threshold || double.IsFinite(threshold.Rate));
        }
    }

    private static Timestamp At(int day, int hour = 0) => Monday + new TimeSpan(day, hour, 0, 0);

    /// <summary>About 20,000 on weekdays from 8 to 18, 2,000 otherwise.</summary>
    private double Office(Timestamp time)
    {
        var since = time - Monday;
        var busy = since.Days % 7 < 5 && since.Hours is >= 8 and < 18;
        return (busy ? 20_000 : 2_000) * Math.Exp(0.15 * (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5) * 2);
    }

    private static void Teach(Baseline baseline, int from, int days, Func<Timestamp, double> rate, int? minutes = null)
    {
        for (var minute = 0; minute < (minutes ?? days * 1440); minute++)
        {
            var time = At(from) + TimeSpan.FromMinutes(minute);
            baseline.Observe(time, rate(time));
        }
    }
}
