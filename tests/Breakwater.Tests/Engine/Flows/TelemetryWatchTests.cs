using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine.Flows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Flows;

public sealed class TelemetryWatchTests : IDisposable
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly FlowListener _listener;
    private readonly TelemetryWatch _watch;
    private readonly Exporter _exporter;

    public TelemetryWatchTests()
    {
        var queue = new BatchQueue();
        _listener = new FlowListener(new FlowListenerOptions { Listen = [] }, () => [], queue, _time, NullLoggerFactory.Instance);
        _watch = new TelemetryWatch([_listener], [], queue, _time);
        _exporter = _listener.Exporters.FindOrAdd(IpAddr.Parse("192.0.2.1"), Timestamp.FromUnixSeconds(0))!;
        _exporter.Protocol = "netflow9";
        Pass(datagrams: 1_000, lost: 500);
    }

    [Fact]
    public void What_was_lost_before_it_looked_is_not_held_against_anybody() => Assert.Equal(0, Health.LostShare);

    [Fact]
    public void Tells_the_share_lost_in_the_running_minute()
    {
        Pass(datagrams: 90, lost: 10);
        Assert.Equal(0.1, Health.LostShare, 6);
        Assert.Equal("192.0.2.1", Health.Exporter);
    }

    [Fact]
    public void Remembers_the_minute_before_and_then_forgets_it()
    {
        Pass(datagrams: 90, lost: 10);
        for (var i = 0; i < 12; i++) Pass(datagrams: 75, lost: 0);
        Assert.Equal(0.01, Health.LostShare, 2);
        for (var i = 0; i < 24; i++) Pass(datagrams: 75, lost: 0);
        Assert.Equal(0, Health.LostShare);
    }

    [Fact]
    public void Counts_records_where_sequence_numbers_count_records()
    {
        _exporter.Protocol = "ipfix";
        _exporter.Flows += 970;
        Pass(datagrams: 1, lost: 30);
        Assert.Equal(0.03, Health.LostShare, 6);
    }

    [Fact]
    public void A_datagram_that_comes_late_takes_a_loss_back()
    {
        Pass(datagrams: 99, lost: 1);
        _exporter.AddLost(-1);
        Pass(datagrams: 1, lost: 0);
        Assert.Equal(0, Health.LostShare);
    }

    [Fact]
    public void Passes_on_the_skew_of_its_clock()
    {
        _exporter.ClockSkew = TimeSpan.FromMinutes(-3);
        Pass(datagrams: 1, lost: 0);
        Assert.Equal(TimeSpan.FromMinutes(-3), Health.ClockSkew);
    }

    [Fact]
    public void Has_nothing_against_an_exporter_it_does_not_know() => Assert.Equal(new TelemetryHealth("", 0, 0, TimeSpan.Zero), _watch.Of(77));

    public void Dispose()
    {
        _watch.Dispose();
        _listener.Dispose();
    }

    private TelemetryHealth Health => _watch.Of(_exporter.Number);

    private void Pass(long datagrams, long lost)
    {
        _exporter.Datagrams += datagrams;
        _exporter.AddLost(lost);
        _time.Advance(TimeSpan.FromSeconds(5));
        _watch.Measure();
    }
}
