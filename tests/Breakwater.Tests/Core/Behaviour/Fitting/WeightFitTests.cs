using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Fitting;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Fitting;

public class WeightFitTests
{
    private static readonly Dictionary<string, double> Start = new() { [SignNames.Beacon] = 3, [SignNames.HorizontalScan] = 3, [SignNames.VerticalScan] = 1 };

    [Fact]
    public void A_sign_that_innocent_hosts_show_as_often_loses_weight_and_one_that_only_bots_show_gains()
    {
        var weights = WeightFit.Fit([.. Hosts(20, true, SignNames.HorizontalScan, SignNames.Beacon), .. Hosts(20, false, SignNames.Beacon)], Start);

        Assert.True(weights[SignNames.HorizontalScan] > Start[SignNames.HorizontalScan]);
        Assert.True(weights[SignNames.Beacon] < Start[SignNames.Beacon]);
        Assert.All(weights.Values, w => Assert.True(w >= 0));
    }

    [Fact]
    public void A_single_host_hardly_moves_a_weight()
    {
        var weights = WeightFit.Fit([.. Hosts(1, false, SignNames.Beacon)], Start);

        Assert.InRange(weights[SignNames.Beacon], Start[SignNames.Beacon] - WeightFit.Deviation, Start[SignNames.Beacon]);
        Assert.Equal(Start[SignNames.HorizontalScan], weights[SignNames.HorizontalScan]);
    }

    [Fact]
    public void The_same_hosts_in_another_order_come_to_the_same_weights()
    {
        LabelledHost[] hosts = [.. Hosts(7, true, SignNames.HorizontalScan), .. Hosts(9, false, SignNames.Beacon)];
        var (one, other) = (WeightFit.Fit(hosts, Start), WeightFit.Fit([.. hosts.Reverse()], Start));

        foreach (var (sign, weight) in one) Assert.Equal(weight, other[sign], 1e-9);
    }

    [Fact]
    public void Of_one_family_only_the_strongest_sign_counts()
    {
        var both = Hosts(1, true, SignNames.HorizontalScan, SignNames.VerticalScan).Single();
        var one = Hosts(1, true, SignNames.HorizontalScan).Single();

        Assert.Equal(WeightFit.Probability(one, Start), WeightFit.Probability(both, Start));
    }

    [Fact]
    public void What_is_stated_of_a_host_was_learnt_from_others_only()
    {
        // One capture in which the truth is upside down: learning from it would show.
        LabelledHost[] hosts = [.. Hosts(30, true, SignNames.Beacon).Select(h => h with { Group = "a" }), .. Hosts(30, false, SignNames.Beacon).Select(h => h with { Group = "b" })];
        var claims = WeightFit.HeldOut(hosts, Start, folds: 2);

        var expected = WeightFit.Probability(hosts[0], WeightFit.Fit(hosts[30..], Start));
        Assert.Equal(expected, claims.First(c => c.IsRight == true).Stated, 1e-9);
    }

    [Fact]
    public void A_calibration_table_counts_each_claim_once()
    {
        Claim[] claims = [new(0.1, false), new(0.95, true), new(0.95, true), new(0.95, false), new(1, true)];
        var table = CalibrationRow.Table(claims);

        Assert.Equal(claims.Length, table.Sum(r => r.Known));
        Assert.Equal(2.0 / 3, table.Single(r => r.From == 0.9).Right!.Value, 1e-9);
    }

    [Fact]
    public void What_nobody_knows_is_counted_apart()
    {
        var table = CalibrationRow.Table([new(0.95, true), new(0.91, null), new(0.6, null)]);

        var row = table.Single(r => r.From == 0.9);
        Assert.Equal((1, 1, 0.95, 1.0, 0.5), (row.Known, row.Unknown, row.Stated, row.Right!.Value, row.AtLeast));
        Assert.Null(table.Single(r => r.From == 0.5).Right);
        Assert.Equal(0, table.Single(r => r.From == 0.5).AtLeast);
    }

    private static IEnumerable<LabelledHost> Hosts(int count, bool infected, params string[] signs) => Enumerable.Range(1, count)
        .Select(i => new LabelledHost("capture", IpAddr.V4(0xC000_0200u + (uint)i), infected, [.. signs.Select(s => KeyValuePair.Create(s, 1.0))]));
}
