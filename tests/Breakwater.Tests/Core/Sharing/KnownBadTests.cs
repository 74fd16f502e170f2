using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;

namespace Breakwater.Tests.Core.Sharing;

public class KnownBadTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_780_000_000);
    private static readonly Timestamp Tomorrow = Now + TimeSpan.FromDays(1);

    private static FeedContent Feed(string name, double reliability, params string[] entries) =>
        new(name, reliability, Tomorrow, [.. entries.Select(e => FeedEntry.TryParse(e, FeedCategory.CommandAndControl, out var entry) ? entry : throw new FormatException(e))]);

    private static KnownBad Table(params FeedContent[] feeds) => new(feeds, SharedSamples.Home, [Prefix.Parse("9.9.9.9")]);

    [Fact]
    public void Feeds_that_agree_are_believed_more_than_each_and_never_for_certain()
    {
        var table = Table(Feed("a", 0.5, "198.51.100.7"), Feed("b", 0.5, "198.51.100.0/24"));

        Assert.Equal(0.75, table.Find(IpAddr.Parse("198.51.100.7"), 0, Now)!.Score, 6);
        Assert.Equal(0.5, table.Find(IpAddr.Parse("198.51.100.8"), 0, Now)!.Score, 6);
        Assert.Null(table.Find(IpAddr.Parse("203.0.113.1"), 0, Now));
        var sure = Table([.. Enumerable.Range(0, 20).Select(i => Feed($"f{i}", 1, "198.51.100.7"))]);
        Assert.Equal(KnownBad.MostCertain, sure.Find(IpAddr.Parse("198.51.100.7"), 0, Now)!.Score);
    }

    [Fact]
    public void One_feed_that_repeats_itself_is_one_voice() =>
        Assert.Equal(0.5, Table(Feed("a", 0.5, "198.51.100.7", "198.51.100.0/24", "198.51.100.7")).Find(IpAddr.Parse("198.51.100.7"), 0, Now)!.Score, 6);

    [Fact]
    public void What_is_over_does_not_count()
    {
        var entry = FeedEntry.Of(Prefix.Parse("198.51.100.7")) with { Until = Now + TimeSpan.FromHours(1) };
        var table = Table(new FeedContent("a", 0.5, Tomorrow, [entry]));

        Assert.NotNull(table.Find(IpAddr.Parse("198.51.100.7"), 0, Now));
        Assert.Null(table.Find(IpAddr.Parse("198.51.100.7"), 0, Now + TimeSpan.FromHours(2)));
        Assert.Null(Table(Feed("a", 0.5, "198.51.100.7")).Find(IpAddr.Parse("198.51.100.7"), 0, Tomorrow + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void What_is_about_a_port_does_not_accuse_others()
    {
        var table = Table(new FeedContent("a", 0.5, Tomorrow, [FeedEntry.Of(Prefix.Parse("198.51.100.7")) with { Port = 443 }]));

        Assert.NotNull(table.Find(IpAddr.Parse("198.51.100.7"), 443, Now));
        Assert.Null(table.Find(IpAddr.Parse("198.51.100.7"), 80, Now));
    }

    [Fact]
    public void Our_own_addresses_are_complaints_and_never_bad_neighbours()
    {
        var table = Table(Feed("shadowserver", 0.9, "192.0.2.18", "192.0.0.0/16"));

        Assert.Null(table.Find(IpAddr.Parse("192.0.2.18"), 0, Now));
        Assert.Equal(0.9, table.FindOwn(IpAddr.Parse("192.0.2.18"), Now)!.Score, 6);
        Assert.Equal(Prefix.Parse("192.0.2.18"), Assert.Single(table.OfOurs(Now)).Prefix);
        Assert.Equal(1, table.Refused);
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.0.0.0/8")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("4.0.0.0/6")]
    [InlineData("::/0")]
    [InlineData("fe80::1")]
    [InlineData("9.9.9.9")]
    public void A_list_that_says_nonsense_is_not_believed(string entry)
    {
        var table = Table(Feed("a", 1, entry));

        Assert.True(table.IsEmpty);
        Assert.Equal(1, table.Refused);
    }

    [Fact]
    public void A_name_is_bad_with_all_names_below_it()
    {
        var table = Table(Feed("a", 0.5, "bad.example"));

        Assert.NotNull(table.FindName("bad.example", Now));
        Assert.NotNull(table.FindName("a.b.bad.example", Now));
        Assert.Null(table.FindName("notbad.example", Now));
        Assert.Null(table.FindName("example", Now));
    }

    [Theory]
    [InlineData("bad.example", true)]
    [InlineData("BAD.example.", true)]
    [InlineData("_x.bad-one.example", true)]
    [InlineData("example", false)]
    [InlineData("192.0.2", false)]
    [InlineData("a..b", false)]
    [InlineData("bad example.com", false)]
    [InlineData("<script>.com", false)]
    public void Recognises_a_domain_name(string text, bool good) => Assert.Equal(good, FeedEntry.IsDomain(text));
}
