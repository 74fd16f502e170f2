using Breakwater.Core.Flows;
using Breakwater.Engine.Storage;
using Breakwater.Tests.Core.Incidents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Storage;

public sealed class TrafficRecorderTests : IDisposable
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(55);

    private readonly MemoryStore _store = new();
    private readonly ManualTime _time = new(Start);
    private readonly TrafficRecorder _recorder;

    public TrafficRecorderTests() =>
        _recorder = new TrafficRecorder(_store, new StorageOptions(), [new OneExporter()], _time, NullLogger<TrafficRecorder>.Instance);

    public void Dispose() => _recorder.Dispose();

    [Fact]
    public void Minutes_reach_the_store()
    {
        _recorder.Record([Minute(0)]);
        _recorder.Turn();

        Assert.Single(Stored());
    }

    [Fact]
    public void A_failing_store_gets_the_last_hour_once_it_works()
    {
        _store.Broken = "the disk is full";
        for (var minute = 0; minute < 200; minute++)
        {
            _recorder.Record([Minute(minute)]);
            _recorder.Turn();
        }
        _store.Broken = null;
        _recorder.Turn();

        var stored = Stored();
        Assert.InRange(stored.Count, TrafficRecorder.MaxWaiting, TrafficRecorder.MaxWaiting + 1);
        Assert.Equal(Minute(199), stored[^1]);
    }

    [Fact]
    public void Exporters_are_kept_and_old_things_expire_by_their_retention()
    {
        _recorder.Turn();
        _time.Advance(TimeSpan.FromMinutes(59));
        _recorder.Turn();

        Assert.Single(_store.FindExporters());
        Assert.Equal([(Timestamp.From(Start) - TimeSpan.FromDays(400), Timestamp.From(Start) - TimeSpan.FromDays(90))], _store.Expired);
    }

    private IReadOnlyList<TrafficRollup> Stored() => _store.FindTraffic(Timestamp.Min, Timestamp.Max, null, TimeSpan.FromMinutes(1));

    private static TrafficRollup Minute(int minute) =>
        new(Timestamp.From(Start) + TimeSpan.FromMinutes(minute), "default", true, TrafficClass.Udp, 1, 1, 1, 1);

    private sealed class OneExporter : IExporterSource
    {
        public IReadOnlyList<ExporterRecord> Exporters() => [SqliteStoreTests.Exporter("192.0.2.1", IncidentSamples.Noon)];
    }
}
