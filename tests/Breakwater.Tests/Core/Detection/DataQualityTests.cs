using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Tests.Core.Detection;

public class DataQualityTests
{
    private static readonly TelemetryHealth Sound = new("198.51.100.1", 0, 0, TimeSpan.Zero);

    [Fact]
    public void Sound_data_has_nothing_to_note()
    {
        var incident = Attacked(Sound);
        Assert.Equal(DataQuality.Good, incident.Quality);
        Assert.Empty(incident.QualityNotes);
    }

    [Fact]
    public void Lost_datagrams_make_rates_doubtful_and_are_told_with_their_share()
    {
        var sound = Attacked(Sound);
        var incident = Attacked(Sound with { LostShare = 0.012 });
        Assert.Equal(DataQuality.Doubtful, incident.Quality);
        Assert.Contains("1.2 % of the flow data of exporter 198.51.100.1 was lost in that minute: real rates are higher", incident.Explanation);
        Assert.All(incident.Findings, f => Assert.Equal(QualityIssue.DataLost, f.QualityNotes.Single().Issue));
        Assert.True(incident.Confidence < sound.Confidence);
    }

    [Fact]
    public void A_lost_datagram_in_hundreds_is_told_but_changes_nothing()
    {
        var incident = Attacked(Sound with { LostShare = 0.002 });
        Assert.Equal(DataQuality.Good, incident.Quality);
        Assert.Equal(QualityIssue.DataLost, Assert.Single(incident.QualityNotes).Issue);
    }

    [Fact]
    public void What_this_machine_dropped_is_told_too() =>
        Assert.Contains("25 % of what came from 198.51.100.1 was dropped by this machine", Attacked(Sound with { DroppedShare = 0.25 }).Explanation);

    [Theory]
    [InlineData(90, "90 s fast")]
    [InlineData(-7_200, "7200 s slow")]
    public void A_wrong_clock_makes_times_doubtful_but_no_less_of_an_attack(int skew, string words)
    {
        var incident = Attacked(Sound with { ClockSkew = TimeSpan.FromSeconds(skew) });
        Assert.Equal(DataQuality.Doubtful, incident.Quality);
        Assert.Contains(words, incident.Explanation);
        Assert.Equal(Attacked(Sound).Confidence, incident.Confidence);
    }

    [Fact]
    public void The_worst_that_happened_while_the_attack_ran_is_kept()
    {
        var health = new Health { Now = Sound with { LostShare = 0.05 } };
        using var net = new TestNetwork(health: health);
        net.Send(5_000, 2, Packets.Answers(53, 1400), exporter: 1);
        health.Now = Sound;
        net.Send(5_000, 2, Packets.Answers(53, 1400), exporter: 1);
        net.Finish();
        Assert.Equal(0.05, Assert.Single(net.Single().QualityNotes).Amount);
    }

    [Fact]
    public void Unknown_sampling_is_told_once()
    {
        using var net = new TestNetwork();
        net.Send(5_000, 2, (random, i, p) => { Packets.Answers(53, 1400)(random, i, p); p.Extra = FlowFlags.SamplingUnknown; }, exporter: 1);
        net.Finish();
        var told = net.Single().Explanation;
        Assert.Equal(told.IndexOf("sampling rate", StringComparison.Ordinal), told.LastIndexOf("sampling rate", StringComparison.Ordinal));
        Assert.Contains("sampling rate of the exporter is not known", told);
    }

    private static Incident Attacked(TelemetryHealth now)
    {
        using var net = new TestNetwork(health: new Health { Now = now });
        net.Send(5_000, 2, Packets.Answers(53, 1400), exporter: 1);
        net.Finish();
        return net.Single();
    }

    private sealed class Health : ITelemetryHealth
    {
        public TelemetryHealth Now { get; set; }
        public TelemetryHealth Of(ushort exporter) => exporter == 1 ? Now : new("", 0, 0, TimeSpan.Zero);
    }
}
