using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Tests.Core.Incidents;

public class PulseTrainTests
{
    private static readonly Timestamp Start = Timestamp.FromUnixSeconds(1_700_000_000);

    [Fact]
    public void Traffic_without_a_gap_is_one_pulse_and_has_no_rhythm()
    {
        var train = Train((0, 600));
        Assert.Equal(1, train.Count);
        Assert.Null(train.Rhythm());
    }

    [Fact]
    public void Two_pulses_are_too_few_to_tell_a_period()
    {
        var train = Train((0, 5), (60, 65));
        Assert.Equal(2, train.Count);
        Assert.Null(train.Rhythm());
    }

    [Fact]
    public void Regular_pulses_have_their_period_and_duty_cycle()
    {
        var rhythm = Train((0, 10), (40, 50), (80, 90), (121, 131)).Rhythm()!;
        Assert.Equal(40, rhythm.PeriodSeconds);
        Assert.Equal(0.25, rhythm.DutyCycle, 2);
        Assert.True(rhythm.IsRegular);
    }

    [Fact]
    public void Irregular_pulses_are_called_so()
    {
        var rhythm = Train((0, 5), (15, 20), (200, 205), (220, 225)).Rhythm()!;
        Assert.False(rhythm.IsRegular);
        Assert.Equal(15, rhythm.ShortestSeconds);
        Assert.Equal(185, rhythm.LongestSeconds);
    }

    [Fact]
    public void A_pulse_that_lasts_still_does_not_stretch_the_duty_cycle()
    {
        var rhythm = Train((0, 5), (50, 55), (100, 400)).Rhythm()!;
        Assert.Equal(0.1, rhythm.DutyCycle, 2);
    }

    [Fact]
    public void Pulses_without_number_are_counted_and_only_the_last_ones_kept()
    {
        var train = Train([.. Enumerable.Range(0, 1_000).Select(i => (i * 30, i * 30 + 3))]);
        Assert.Equal(1_000, train.Count);
        Assert.Equal(32, train.Rhythm()!.Pulses);
    }

    private static PulseTrain Train(params (int From, int To)[] pulses)
    {
        var train = new PulseTrain();
        foreach (var (from, to) in pulses)
            for (var second = from; second <= to; second++) train.Seen(Start + TimeSpan.FromSeconds(second), Start + TimeSpan.FromSeconds(second));
        return train;
    }
}
