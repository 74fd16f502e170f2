using System.Diagnostics.Metrics;
using Breakwater.Server.Metrics;

namespace Breakwater.Tests.Server.Metrics;

public sealed class MetricsCollectorTests : IDisposable
{
    private readonly MetricsCollector _collector = new();

    // Named by itself, so that tests beside this one count elsewhere.
    private readonly Meter _meter = new("breakwater.collector_test");

    public void Dispose()
    {
        _meter.Dispose();
        _collector.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_by_its_labels()
    {
        var counter = _meter.CreateCounter<long>("breakwater.test.records", description: "Records.");
        counter.Add(2, KeyValuePair.Create<string, object?>("protocol", "ipfix"));
        counter.Add(3, KeyValuePair.Create<string, object?>("protocol", "ipfix"));
        counter.Add(1, KeyValuePair.Create<string, object?>("protocol", "sflow5"));

        Assert.Equal(
            ["# HELP breakwater_test_records_total Records.", "# TYPE breakwater_test_records_total counter",
             "breakwater_test_records_total{protocol=\"ipfix\"} 5", "breakwater_test_records_total{protocol=\"sflow5\"} 1"],
            Lines("breakwater_test_records"));
    }

    [Fact]
    public void An_observable_instrument_shows_its_newest_value()
    {
        var value = 7;
        _meter.CreateObservableGauge("breakwater.test.waiting", () => value, unit: "s");
        _collector.Collect();
        value = 4;

        Assert.Contains("breakwater_test_waiting_seconds 4", Lines("breakwater_test_waiting"));
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_sum_and_count()
    {
        var histogram = _meter.CreateHistogram<double>("breakwater.test.delay", unit: "s");
        histogram.Record(0.2);
        histogram.Record(3);

        var lines = Lines("breakwater_test_delay");

        Assert.Contains("breakwater_test_delay_seconds_bucket{le=\"0.1\"} 0", lines);
        Assert.Contains("breakwater_test_delay_seconds_bucket{le=\"0.25\"} 1", lines);
        Assert.Contains("breakwater_test_delay_seconds_bucket{le=\"5\"} 2", lines);
        Assert.Contains("breakwater_test_delay_seconds_bucket{le=\"+Inf\"} 2", lines);
        Assert.Contains("breakwater_test_delay_seconds_sum 3.2", lines);
        Assert.Contains("breakwater_test_delay_seconds_count 2", lines);
    }

    [Fact]
    public void Label_values_are_escaped()
    {
        _meter.CreateCounter<int>("breakwater.test.odd").Add(1, KeyValuePair.Create<string, object?>("a-b", "x\"\\\ny"));

        Assert.Contains("""breakwater_test_odd_total{a_b="x\"\\\ny"} 1""", Lines("breakwater_test_odd"));
    }

    [Fact]
    public void Labels_out_of_hand_do_not_grow_memory()
    {
        var counter = _meter.CreateCounter<int>("breakwater.test.wild");
        for (var i = 0; i < 5000; i++) counter.Add(1, KeyValuePair.Create<string, object?>("address", i));

        Assert.Equal(1000, Lines("breakwater_test_wild").Count(l => !l.StartsWith('#')));
    }

    [Fact]
    public void Other_peoples_meters_are_left_alone()
    {
        using var other = new Meter("other");
        other.CreateCounter<int>("other.things").Add(1);

        Assert.DoesNotContain("other_things", _collector.Collect(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_line_is_what_the_format_allows() =>
        Assert.All(
            _collector.Collect().TrimEnd('\n').Split('\n'),
            line => Assert.Matches("^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\\{.*\\})? (NaN|[+-]Inf|[-+0-9.E]+))$", line));

    [Fact]
    public void The_process_is_in_it() => Assert.Contains("process_cpu_seconds_total ", _collector.Collect(), StringComparison.Ordinal);

    private string[] Lines(string with) => [.. _collector.Collect().Split('\n').Where(l => l.Contains(with, StringComparison.Ordinal))];
}
