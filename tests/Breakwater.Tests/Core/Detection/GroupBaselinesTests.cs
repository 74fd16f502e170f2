using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Metering;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Detection;

public class GroupBaselinesTests
{
    private static readonly HomeNetwork Home = new([Prefix.Parse("192.0.2.0/24")], []);
    private readonly DetectionOptions _options = new() { Baseline = new BaselineOptions { Learning = TimeSpan.FromHours(3), Floor = 100 } };

    [Fact]
    public void Two_minutes_far_above_the_usual_are_a_finding_and_one_is_not()
    {
        var baselines = new GroupBaselines(Home, _options);
        var minute = Learn(baselines, minutes: 300);
        Assert.Empty(Minute(baselines, minute, 50_000));
        var finding = Assert.Single(Minute(baselines, minute + TimeSpan.FromMinutes(1), 50_000), f => f.Because.Contains(" packets/s"));
        Assert.Equal(Vectors.AboveBaseline, finding.Vector);
        Assert.Equal(Prefix.Parse("192.0.2.0/24"), finding.Target);
    }

    [Fact]
    public void Says_nothing_while_it_learns()
    {
        var baselines = new GroupBaselines(Home, _options);
        var minute = Learn(baselines, minutes: 60);
        for (var i = 0; i < 5; i++) Assert.Empty(Minute(baselines, minute + TimeSpan.FromMinutes(i), 50_000));
    }

    [Fact]
    public void An_attack_does_not_teach()
    {
        var baselines = new GroupBaselines(Home, _options);
        var minute = Learn(baselines, minutes: 300);
        for (var i = 0; i < 600; i++) Minute(baselines, minute + TimeSpan.FromMinutes(i), 50_000);
        Assert.NotEmpty(Minute(baselines, minute + TimeSpan.FromMinutes(601), 50_000));
    }

    [Fact]
    public void Survives_a_restart_and_damage()
    {
        var learnt = new GroupBaselines(Home, _options);
        var minute = Learn(learnt, minutes: 300);
        var bytes = learnt.ToBytes();

        var restarted = new GroupBaselines(Home, _options);
        restarted.Load(bytes);
        Minute(restarted, minute, 50_000);
        Assert.NotEmpty(Minute(restarted, minute + TimeSpan.FromMinutes(1), 50_000));

        for (var cut = 0; cut < bytes.Length; cut += 37) new GroupBaselines(Home, _options).Load(bytes.AsSpan(0, cut));
    }

    private static Timestamp Learn(GroupBaselines baselines, int minutes)
    {
        var minute = Timestamp.FromUnixSeconds(1_700_000_040);
        for (var i = 0; i < minutes; i++, minute += TimeSpan.FromMinutes(1)) Assert.Empty(Minute(baselines, minute, 900 + i % 7 * 20));
        return minute;
    }

    private static IReadOnlyList<Finding> Minute(GroupBaselines baselines, Timestamp minute, double rate)
    {
        var packets = new long[TrafficClasses.Count];
        packets[(int)TrafficClass.TcpOther] = (long)(rate * 60);
        return baselines.Observe(minute, 0, inbound: true, packets, attacked: false);
    }
}
