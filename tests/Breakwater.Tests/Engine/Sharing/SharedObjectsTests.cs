using System.Text.Json.Nodes;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Sharing;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Taxii;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Sharing;
using Breakwater.Tests.Engine.Storage;

namespace Breakwater.Tests.Engine.Sharing;

public sealed class SharedObjectsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new(IncidentSamples.Noon.ToDateTimeOffset());
    private readonly SharedObjects _objects;

    public SharedObjectsTests() => _objects = new SharedObjects(_folder.File("sharing.db"), 10_000, _time);

    public void Dispose()
    {
        _objects.Dispose();
        _folder.Dispose();
    }

    private static Guid Reference => SharedSamples.Shared().Reference;

    private static IReadOnlyList<JsonObject> Told(int second = 0, Action<SharingOptions>? configure = null) =>
        StixReport.Objects(SharedSamples.Shared(configure: configure), SharedSamples.Stix, IncidentSamples.Noon + TimeSpan.FromSeconds(second));

    private (IReadOnlyList<TaxiiObject> Objects, bool More) Find(TaxiiQuery? query = null, int limit = 1000, Tlp clearance = Tlp.Red) => _objects.Find(query ?? new TaxiiQuery(), limit, clearance);

    [Fact]
    public void What_is_told_again_unchanged_is_no_new_version()
    {
        Assert.Equal(Told().Count, _objects.Add(Reference, Tlp.Amber, Told()));
        Assert.Equal(0, _objects.Add(Reference, Tlp.Amber, Told(second: 60)));
    }

    [Fact]
    public void Every_version_comes_at_a_moment_of_its_own_even_when_the_clock_stands_still_or_goes_back()
    {
        _objects.Add(Reference, Tlp.Amber, Told());
        _time.Advance(TimeSpan.FromHours(-1));
        _objects.Add(Reference, Tlp.Amber, Told(60, o => o.MaxSources = 1));
        _objects.Add(Guid.NewGuid(), Tlp.Amber, [Indicator("a")]);

        var added = Find(new TaxiiQuery { All = true }).Objects.Select(o => o.Added).ToArray();

        Assert.Equal(added.Order(), added);
        Assert.Equal(added.Length, added.Distinct().Count());
    }

    [Fact]
    public void Pages_hold_everything_once()
    {
        _objects.Add(Reference, Tlp.Amber, Told());
        var seen = new List<string>();
        var query = new TaxiiQuery();
        while (true)
        {
            var (page, more) = Find(query, limit: 3);
            seen.AddRange(page.Select(o => o.Id));
            if (!more) break;
            query = query with { AddedAfter = page[^1].Added };
        }

        Assert.Equal(Told().Select(o => (string)o["id"]!), seen);
    }

    [Fact]
    public void First_last_all_and_single_versions_can_be_had()
    {
        var id = (string)Indicator("a")["id"]!;
        _objects.Add(Reference, Tlp.Green, [Indicator("a", modified: "2026-01-01T00:00:00.000Z", name: "one")]);
        _objects.Add(Reference, Tlp.Green, [Indicator("a", modified: "2026-01-02T00:00:00.000Z", name: "two")]);
        _objects.Add(Reference, Tlp.Green, [Indicator("a", modified: "2026-01-03T00:00:00.000Z", name: "three")]);

        string[] Versions(TaxiiQuery query) => [.. Find(query with { Ids = [id] }).Objects.Select(o => o.Version[..10])];
        Assert.Equal(["2026-01-03"], Versions(new TaxiiQuery()));
        Assert.Equal(["2026-01-01"], Versions(new TaxiiQuery { First = true, Last = false }));
        Assert.Equal(["2026-01-01", "2026-01-02", "2026-01-03"], Versions(new TaxiiQuery { All = true, Last = false }));
        Assert.Equal(["2026-01-02", "2026-01-03"], Versions(new TaxiiQuery { Versions = ["2026-01-02T00:00:00.000Z"] }));
        Assert.Empty(Versions(new TaxiiQuery { Stix21 = false }));
    }

    [Fact]
    public void A_version_is_always_newer_than_the_one_before()
    {
        _objects.Add(Reference, Tlp.Green, [Indicator("a", modified: "2026-01-02T00:00:00.000Z", name: "one")]);
        _objects.Add(Reference, Tlp.Green, [Indicator("a", modified: "2026-01-01T00:00:00.000Z", name: "two")]);

        var last = Assert.Single(Find().Objects);
        Assert.Equal("2026-01-02T00:00:00.001Z", last.Version);
        Assert.Equal(last.Version, (string)JsonNode.Parse(last.Document)!["modified"]!);
    }

    [Fact]
    public void Nobody_sees_more_than_cleared_for()
    {
        _objects.Add(Reference, Tlp.Amber, Told());

        Assert.All(Find(clearance: Tlp.Green).Objects, o => Assert.Matches("^(identity|marking-definition)--", o.Id));
        Assert.False(_objects.Knows((string)Told().First(o => (string)o["type"]! == "indicator")["id"]!, Tlp.Green));
        Assert.Equal(Told().Count, Find(clearance: Tlp.Amber).Objects.Count);
    }

    [Fact]
    public void What_is_taken_back_stays_taken_back()
    {
        _objects.Add(Reference, Tlp.Amber, Told());

        var revoked = _objects.Revoke(Reference, IncidentSamples.Noon + TimeSpan.FromHours(1));

        Assert.Equal(Told().Count(o => o["created_by_ref"] is not null), revoked);
        Assert.Equal(0, _objects.Revoke(Reference, IncidentSamples.Noon + TimeSpan.FromHours(2)));
        Assert.Equal(0, _objects.Add(Reference, Tlp.Amber, Told(9000)));
        Assert.All(Find(new TaxiiQuery { Types = ["indicator", "sighting", "relationship", "course-of-action", "observed-data"] }).Objects, o => Assert.True((bool)JsonNode.Parse(o.Document)!["revoked"]!));
    }

    [Fact]
    public void Keeps_no_more_than_its_bound_and_drops_the_oldest()
    {
        using var small = new SharedObjects(_folder.File("small.db"), 5, _time);
        foreach (var i in Enumerable.Range(0, 12)) small.Add(Guid.NewGuid(), Tlp.Green, [Indicator($"n{i}")]);

        Assert.Equal(5, small.Count);
        Assert.Equal(Indicator("n11")["id"]!.ToString(), small.Find(new TaxiiQuery(), 10, Tlp.Red).Objects[^1].Id);
    }

    [Fact]
    public void Goes_on_after_a_restart_where_it_was()
    {
        _objects.Add(Reference, Tlp.Amber, Told());
        var last = Find().Objects[^1].Added;
        _objects.Dispose();
        using var again = new SharedObjects(_folder.File("sharing.db"), 10_000, new ManualTime(IncidentSamples.Noon.ToDateTimeOffset() - TimeSpan.FromDays(1)));

        again.Add(Guid.NewGuid(), Tlp.Green, [Indicator("late")]);

        Assert.Single(again.Find(new TaxiiQuery { AddedAfter = last }, 10, Tlp.Red).Objects);
    }

    /// <param name="about">What makes it another indicator.</param>
    internal static JsonObject Indicator(string about, string modified = "2026-01-01T00:00:00.000Z", string name = "an indicator") => new()
    {
        ["type"] = "indicator",
        ["spec_version"] = "2.1",
        ["id"] = StixId.Of("indicator", SharedSamples.Space, about),
        ["created_by_ref"] = "identity--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb",
        ["created"] = "2026-01-01T00:00:00.000Z",
        ["modified"] = modified,
        ["name"] = name,
        ["pattern"] = "[ipv4-addr:value = '192.0.2.1']",
        ["pattern_type"] = "stix",
        ["valid_from"] = "2026-01-01T00:00:00.000Z",
        ["object_marking_refs"] = new JsonArray("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"),
    };
}
