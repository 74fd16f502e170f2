using Breakwater.Core.Flows;
using Breakwater.Protocols.Taxii;

namespace Breakwater.Tests.Protocols.Taxii;

public class TaxiiQueryTests
{
    private static readonly string[] Fields = ["id", "type", "version", "spec_version"];

    private static string? Read(string text, out TaxiiQuery query) => TaxiiQuery.Read(
        text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).GroupBy(p => p[0]).Select(g => KeyValuePair.Create(g.Key, g.Select(p => p.ElementAtOrDefault(1) ?? "").ToArray())),
        Fields, out query);

    [Theory]
    [InlineData("added_after=yesterday")]
    [InlineData("added_after=2026-01-01T00:00:00Z&added_after=2026-01-02T00:00:00Z")]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=ten")]
    [InlineData("next=abc")]
    [InlineData("next=99999999999999999999")]
    [InlineData("match[version]=all,last")]
    [InlineData("match[version]=last,last")]
    [InlineData("match[version]=sometimes")]
    [InlineData("match[version]=")]
    [InlineData("match[id]=indicator")]
    [InlineData("match[type]=indicator&match[type]=sighting")]
    [InlineData("match[type]=indicator,")]
    [InlineData("match[type")]
    public void Refuses_what_is_malformed(string query) => Assert.NotNull(Read(query, out _));

    [Fact]
    public void Asks_for_the_last_version_where_none_is_named()
    {
        Assert.Null(Read("match[type]=indicator,sighting&limit=5&unknown=1&match[colour]=red", out var query));

        Assert.True(query.Last);
        Assert.Equal(["indicator", "sighting"], query.Types);
        Assert.Equal(5, query.Limit);
    }

    [Fact]
    public void Takes_several_versions_together()
    {
        Assert.Null(Read("match[version]=first,2018-03-02T01:01:01.123Z", out var query));

        Assert.Equal((true, false, false), (query.First, query.Last, query.All));
        Assert.Equal(["2018-03-02T01:01:01.123Z"], query.Versions);
    }

    [Fact]
    public void Next_only_ever_leaves_out_more()
    {
        var early = new Timestamp(1_000_000_000_000_000_000);
        Assert.Null(Read($"added_after=2026-01-01T00:00:00.000000Z&next={TaxiiQuery.Next(early)}", out var query));

        Assert.Equal("2026-01-01T00:00:00.000000Z", query.AddedAfter.ToString());
    }

    [Theory]
    [InlineData("application/taxii+json;version=2.1", true)]
    [InlineData("application/taxii+json", true)]
    [InlineData("text/html, application/taxii+json; version=2.1", true)]
    [InlineData("*/*", true)]
    [InlineData("", true)]
    [InlineData("application/taxii+json;version=2.0", false)]
    [InlineData("application/vnd.oasis.taxii+json; version=2.0", false)]
    [InlineData("text/html", false)]
    [InlineData(",,;;", false)]
    public void Answers_only_who_takes_TAXII_2_1(string accept, bool accepted) => Assert.Equal(accepted, TaxiiMedia.IsAccepted(accept));
}
