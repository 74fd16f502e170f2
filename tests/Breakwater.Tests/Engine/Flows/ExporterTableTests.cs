using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine.Flows;

namespace Breakwater.Tests.Engine.Flows;

public class ExporterTableTests
{
    private static readonly Timestamp Noon = Timestamp.FromUnixSeconds(1_700_000_000);

    private static IpAddr Address(int number) => IpAddr.V4(0xC6336400u + (uint)number);

    [Fact]
    public void Knows_an_exporter_again_by_its_address()
    {
        var table = new ExporterTable(4, []);
        var first = table.FindOrAdd(Address(1), Noon);
        Assert.Same(first, table.FindOrAdd(Address(1), Noon + TimeSpan.FromHours(1)));
        Assert.Equal(1, first!.Number);
        Assert.Equal(2, table.FindOrAdd(Address(2), Noon)!.Number);
    }

    [Fact]
    public void Overrides_set_anew_hold_for_exporters_known_and_to_come()
    {
        var table = new ExporterTable(4, [new SamplingOverride { Exporter = Address(1), Rate = 100 }, new SamplingOverride { Exporter = Address(1), Interface = 7, Rate = 10 }]);
        var known = table.FindOrAdd(Address(1), Noon)!.Sampling;
        Assert.Equal((100u, 10u), (RateOf(known, 3), RateOf(known, 7)));
        var version = known.Version;

        table.SetOverrides([new SamplingOverride { Exporter = Address(1), Interface = 3, Rate = 50 }, new SamplingOverride { Exporter = Address(2), Rate = 20 }]);

        Assert.NotEqual(version, known.Version);
        Assert.Equal(50u, RateOf(known, 3));
        Assert.False(known.TryFind(0, null, 7, out _));
        Assert.Equal(20u, RateOf(table.FindOrAdd(Address(2), Noon)!.Sampling, 3));
    }

    private static uint RateOf(SamplingTable table, uint @interface)
    {
        Assert.True(table.TryFind(0, null, @interface, out var rate));
        return rate;
    }

    [Fact]
    public void Refuses_newcomers_while_all_places_are_taken_by_exporters_that_send()
    {
        var table = new ExporterTable(2, []);
        table.FindOrAdd(Address(1), Noon);
        table.FindOrAdd(Address(2), Noon);
        for (var i = 0; i < 1_000_000; i++) Assert.Null(table.FindOrAdd(IpAddr.V4((uint)i), Noon + TimeSpan.FromSeconds(30)));
        Assert.Equal(1_000_000, table.RefusedDatagrams);
        Assert.Equal(2, table.Count);
    }

    [Fact]
    public void Gives_a_newcomer_the_place_of_the_exporter_silent_the_longest()
    {
        var table = new ExporterTable(3, []);
        table.FindOrAdd(Address(1), Noon)!.LastSeen = Noon + TimeSpan.FromSeconds(10);
        table.FindOrAdd(Address(2), Noon);
        table.FindOrAdd(Address(3), Noon)!.LastSeen = Noon + TimeSpan.FromSeconds(90);
        var newcomer = table.FindOrAdd(Address(4), Noon + TimeSpan.FromSeconds(100));
        Assert.Equal(2, newcomer!.Number);
        Assert.Null(table.Find(Address(2)));
        Assert.NotNull(table.Find(Address(1)));
        Assert.Equal(1, table.Replaced);
    }

    [Fact]
    public void Does_not_replace_an_exporter_that_spoke_after_it_was_found_silent()
    {
        var table = new ExporterTable(3, []);
        for (var i = 1; i <= 3; i++) table.FindOrAdd(Address(i), Noon)!.LastSeen = Noon + TimeSpan.FromSeconds(i);
        var later = Noon + TimeSpan.FromSeconds(100);
        Assert.NotNull(table.FindOrAdd(Address(4), later));
        table.Find(Address(2))!.LastSeen = later;
        Assert.Equal(3, table.FindOrAdd(Address(5), later)!.Number);
        Assert.NotNull(table.Find(Address(2)));
    }

    [Fact]
    public void Applies_the_sampling_rates_that_the_operator_set()
    {
        var table = new ExporterTable(4,
        [
            new SamplingOverride { Exporter = Address(1), Rate = 1000 },
            new SamplingOverride { Exporter = Address(1), Interface = 7, Rate = 10 },
        ]);
        var sampling = table.FindOrAdd(Address(1), Noon)!.Sampling;
        Assert.True(sampling.TryFind(0, null, 7, out var onSeven));
        Assert.True(sampling.TryFind(0, null, 8, out var elsewhere));
        Assert.Equal((10u, 1000u), (onSeven, elsewhere));
        Assert.Equal(SamplingState.Unknown, table.FindOrAdd(Address(2), Noon)!.Sampling.State);
    }
}
