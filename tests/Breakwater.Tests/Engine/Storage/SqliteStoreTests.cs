using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine.Storage;
using Breakwater.Tests.Core.Incidents;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Data.Sqlite;

namespace Breakwater.Tests.Engine.Storage;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly Timestamp Noon = IncidentSamples.Noon;

    private readonly TempFolder _folder = new();
    private readonly SqliteStore _store;

    public SqliteStoreTests()
    {
        _store = new SqliteStore(new StorageOptions { Path = _folder.Path });
        _store.Open();
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void An_incident_comes_back_whole() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var incident = IncidentSamples.Arbitrary(seed);
            _store.Save([incident]);
            Assert.Equivalent(incident, _store.FindIncident(incident.Id), strict: true);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public void The_newest_snapshot_replaces_the_one_before()
    {
        var incident = IncidentSamples.DnsAmplification();
        _store.Save([incident]);
        var more = incident.Evidence with { Flows = [.. incident.Evidence.Flows, default] };

        _store.Save([incident with { Severity = Severity.Critical, Evidence = more }]);

        var found = _store.FindIncident(incident.Id)!;
        Assert.Equal(Severity.Critical, found.Severity);
        Assert.Equal(3, found.Evidence.Flows.Count);
        Assert.Single(_store.FindIncidents(new IncidentQuery()));
    }

    [Fact]
    public void A_list_carries_no_evidence()
    {
        _store.Save([IncidentSamples.DnsAmplification()]);

        Assert.Empty(Assert.Single(_store.FindIncidents(new IncidentQuery())).Evidence.Flows);
    }

    [Fact]
    public void An_incident_that_nobody_saved_is_not_found() => Assert.Null(_store.FindIncident("none"));

    [Fact]
    public void Open_and_mitigated_incidents_are_handed_back_with_their_evidence_after_a_restart()
    {
        _store.Save(
        [
            IncidentSamples.DnsAmplification("open"),
            IncidentSamples.DnsAmplification("mitigated", state: IncidentState.Mitigated),
            IncidentSamples.DnsAmplification("ended", state: IncidentState.Ended),
        ]);
        _store.Dispose();
        using var restarted = new SqliteStore(new StorageOptions { Path = _folder.Path });
        restarted.Open();

        var open = restarted.OpenIncidents();

        Assert.Equal(["mitigated", "open"], open.Select(i => i.Id).Order());
        Assert.All(open, i => Assert.NotEmpty(i.Evidence.Flows));
    }

    [Fact]
    public void What_was_saved_is_in_the_files_before_they_are_closed()
    {
        _store.Save([IncidentSamples.DnsAmplification("first")]);
        _store.Save([IncidentSamples.DnsAmplification("second")]);
        // What a killed process leaves behind: the files as they are now, the log not yet folded into the database.
        using var killed = new TempFolder();
        foreach (var file in Directory.GetFiles(_folder.Path).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
            File.Copy(file, killed.File(Path.GetFileName(file)));
        Assert.Contains(Directory.GetFiles(killed.Path), f => f.EndsWith("-wal", StringComparison.Ordinal) && new FileInfo(f).Length > 0);

        using var restarted = new SqliteStore(new StorageOptions { Path = killed.Path });
        restarted.Open();

        Assert.Equal(["first", "second"], restarted.OpenIncidents().Select(i => i.Id).Order());
    }

    [Fact]
    public void A_log_cut_at_any_point_loses_only_whole_transactions()
    {
        for (var i = 0; i < 5; i++) _store.Save([IncidentSamples.DnsAmplification($"i{i}")]);
        var log = File.ReadAllBytes(_store.File + "-wal");
        var database = File.ReadAllBytes(_store.File);
        for (var cut = 0; cut <= log.Length; cut += 7000)
        {
            using var killed = new TempFolder();
            File.WriteAllBytes(killed.File("breakwater.db"), database);
            File.WriteAllBytes(killed.File("breakwater.db-wal"), log[..cut]);
            using var restarted = new SqliteStore(new StorageOptions { Path = killed.Path });
            restarted.Open();

            var kept = restarted.OpenIncidents().Select(i => i.Id).Order().ToArray();

            Assert.Equal(Enumerable.Range(0, kept.Length).Select(i => $"i{i}"), kept);
            Assert.All(kept, id => Assert.NotEmpty(restarted.FindIncident(id)!.Evidence.Flows));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public void Paging_neither_skips_nor_repeats(int limit)
    {
        // Many incidents share a start: the identifier decides among them.
        _store.Save([.. Enumerable.Range(0, 60).Select(i => IncidentSamples.DnsAmplification($"i{i:00}", Noon + TimeSpan.FromSeconds(i / 7)))]);
        var seen = new List<Incident>();
        IncidentCursor? cursor = null;
        while (_store.FindIncidents(new IncidentQuery(Before: cursor, Limit: limit)) is { Count: > 0 } page)
        {
            seen.AddRange(page);
            cursor = new IncidentCursor(page[^1].Start, page[^1].Id);
            // One that starts meanwhile belongs before the first page.
            if (seen.Count % 7 == 0) _store.Save([IncidentSamples.DnsAmplification($"new{seen.Count}", Noon + TimeSpan.FromHours(1))]);
            Assert.True(seen.Count <= 60, "paging loops");
        }

        Assert.Equal(60, seen.Select(i => i.Id).Distinct().Count());
        Assert.Equal(seen.OrderByDescending(i => i.Start).ThenBy(i => i.Id, StringComparer.Ordinal).Select(i => i.Id), seen.Select(i => i.Id));
    }

    [Fact]
    public void Filters_narrow_the_list()
    {
        var dns = IncidentSamples.DnsAmplification("dns");
        _store.Save(
        [
            dns,
            dns with { Id = "scan", Kind = IncidentKind.Scan, Severity = Severity.Low, Target = null, Host = IpAddr.Parse("2001:db8::7") },
            dns with { Id = "carpet", State = IncidentState.Ended, Severity = Severity.Critical, Target = Prefix.Parse("192.0.2.0/24"), Host = null },
        ]);

        Assert.Equal(["scan"], Ids(new IncidentQuery(Kind: IncidentKind.Scan)));
        Assert.Equal(["carpet"], Ids(new IncidentQuery(State: IncidentState.Ended)));
        Assert.Equal(["carpet", "dns"], Ids(new IncidentQuery(AtLeast: Severity.High)));
        Assert.Equal(["carpet", "dns"], Ids(new IncidentQuery(Target: Prefix.Parse("192.0.2.7"))));
        Assert.Equal(["carpet"], Ids(new IncidentQuery(Target: Prefix.Parse("192.0.2.8"))));
        Assert.Equal(["carpet", "dns"], Ids(new IncidentQuery(Target: Prefix.Parse("192.0.0.0/16"))));
        Assert.Equal(["scan"], Ids(new IncidentQuery(Target: Prefix.Parse("2001:db8::/32"))));
        Assert.Empty(Ids(new IncidentQuery(Target: Prefix.Parse("203.0.113.0/24"))));
    }

    [Fact]
    public void Saving_a_minute_twice_adds_it_up_and_keeps_the_higher_peak()
    {
        _store.Save([Minute(0, packets: 10, peak: 5)]);
        _store.Save([Minute(0, packets: 7, peak: 3)]);

        Assert.Equal([Minute(0, packets: 17, peak: 5) with { Bytes = 2000, Flows = 6 }], Traffic(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Minutes_sum_up_to_steps()
    {
        var start = Noon.Seconds % 300 is var past ? Noon - TimeSpan.FromSeconds(past) : Noon;
        _store.Save([.. Enumerable.Range(0, 10).Select(i => Minute(0, packets: 1, peak: i) with { Minute = start + TimeSpan.FromMinutes(i) })]);

        var found = _store.FindTraffic(start, start + TimeSpan.FromMinutes(10), "default", TimeSpan.FromMinutes(5));

        Assert.Equal([(start, 5L, 4.0), (start + TimeSpan.FromMinutes(5), 5L, 9.0)], found.Select(r => (r.Minute, r.Packets, r.PeakPacketsPerSecond)));
    }

    [Fact]
    public void Traffic_is_found_by_time_and_host_group()
    {
        _store.Save([Minute(0), Minute(1), Minute(2), Minute(1) with { HostGroup = "dns" }]);

        Assert.Equal([Minute(1)], _store.FindTraffic(Minute(1).Minute, Minute(2).Minute, "default", TimeSpan.FromMinutes(1)));
        Assert.Equal(4, Traffic(TimeSpan.FromMinutes(1)).Count);
    }

    [Fact]
    public void Exporters_come_back_whole_and_the_last_seen_first()
    {
        var old = Exporter("192.0.2.1", Noon);
        var newer = Exporter("192.0.2.2", Noon + TimeSpan.FromSeconds(1)) with { ClockSkewSeconds = null };
        _store.Save([old, newer]);
        _store.Save([old with { Flows = 99 }]);

        Assert.Equivalent(new[] { newer, old with { Flows = 99 } }, _store.FindExporters(), strict: true);
    }

    [Fact]
    public void Invented_exporters_do_not_grow_the_store()
    {
        _store.Save([.. Enumerable.Range(0, 5000).Select(i => Exporter($"2001:db8::{i:x}", Noon + TimeSpan.FromSeconds(i)))]);

        var kept = _store.FindExporters();

        Assert.Equal(4096, kept.Count);
        Assert.Equal("2001:db8::1387", kept[0].Address);
    }

    [Fact]
    public void Old_things_expire_and_open_incidents_never()
    {
        _store.Save([.. Enumerable.Range(0, 1200).Select(i => IncidentSamples.DnsAmplification($"old{i}", Noon, IncidentState.Ended))]);
        _store.Save([IncidentSamples.DnsAmplification("open"), IncidentSamples.DnsAmplification("new", Noon + TimeSpan.FromDays(2), IncidentState.Ended)]);
        _store.Save([.. Enumerable.Range(0, 1200).Select(i => Minute(i))]);
        _store.Save([Exporter("192.0.2.1", Noon)]);

        _store.Expire(Noon + TimeSpan.FromDays(1), Minute(1199).Minute);

        Assert.Equal(["new", "open"], Ids(new IncidentQuery(Limit: 500)));
        Assert.Equal([Minute(1199)], Traffic(TimeSpan.FromMinutes(1)));
        Assert.Empty(_store.FindExporters());
        Assert.Equal(2L, Sql("SELECT count(*) FROM evidence"));
    }

    [Fact]
    public void Power_cuts_are_provided_for() => Assert.Equal("wal", Sql("PRAGMA journal_mode"));

    private string[] Ids(IncidentQuery query) => [.. _store.FindIncidents(query).Select(i => i.Id).Order()];

    private IReadOnlyList<TrafficRollup> Traffic(TimeSpan step) => _store.FindTraffic(Noon - TimeSpan.FromDays(10), Noon + TimeSpan.FromDays(10), null, step);

    private static TrafficRollup Minute(int minute, long packets = 10, double peak = 5) =>
        new(Timestamp.FromUnixSeconds(1_749_999_960 + minute * 60), "default", true, TrafficClass.Udp, packets, 1000, 3, peak);

    internal static ExporterRecord Exporter(string address, Timestamp lastSeen) =>
        new(address, "ipfix", lastSeen - TimeSpan.FromHours(1), lastSeen, 10, 200, 12.5, 3, 1, 4, "announced", [1000], -0.25,
            [KeyValuePair.Create("Truncated", 2L)]);

    private object? Sql(string sql)
    {
        using var connection = new SqliteConnection(string.Create(CultureInfo.InvariantCulture, $"Data Source={_store.File};Pooling=False"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
