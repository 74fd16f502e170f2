using System.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Intelligence;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Tests.Core.Sharing;

namespace Breakwater.Tests.Core.Behaviour.Intelligence;

public sealed class KnownBadNamesTests
{
    private static readonly Timestamp Start = Timestamp.FromUnixSeconds(1_700_000_000);
    private readonly KnownBadBoard _board = new();
    private readonly CollectedSigns _signs = new();
    private readonly KnownBadNames _behaviour;

    public KnownBadNamesTests()
    {
        _behaviour = new KnownBadNames(_board, SharedSamples.Home, new IntelligenceOptions { PopularFrom = 5 });
        _board.Current = new KnownBad([new FeedContent("list", 0.9, Start + TimeSpan.FromDays(1), [new FeedEntry(null, "c2.example", 0, FeedCategory.CommandAndControl, null, null, 1)])], SharedSamples.Home, []);
    }

    private void Ask(string name, string from = "192.0.2.9", string server = "9.9.9.9") =>
        _behaviour.Heard(new Flow { Start = Start, End = Start }, new DnsObservation { Client = IpAddr.Parse(from), Server = IpAddr.Parse(server), IsResponse = false, QuestionType = 1, Name = Encoding.ASCII.GetBytes(name) });

    private IReadOnlyList<Sign> Told()
    {
        _behaviour.Tick(Start + TimeSpan.FromSeconds(1), _signs);
        return _signs.All;
    }

    [Fact]
    public void Who_asks_for_a_listed_name_or_one_below_it_tries_to_reach_it_and_that_proves_nothing()
    {
        Ask("x7.c2.example");
        Ask("x7.c2.example");

        var sign = Assert.Single(Told());

        Assert.Equal((SignNames.CommandAttempt, IpAddr.Parse("192.0.2.9"), false, 0.9), (sign.Name, sign.Host, sign.Confirmed, sign.Confidence));
        Assert.Contains("x7.c2.example", sign.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolvers_strangers_popular_names_and_others_say_nothing()
    {
        Ask("c2.example", from: "192.0.2.53");
        Ask("www.example", from: "192.0.2.9", server: "192.0.2.53");
        Ask("c2.example", from: "203.0.113.1");
        for (var i = 1; i < 7; i++) Ask("popular.c2.example", from: $"192.0.2.{i}");

        Assert.Empty(Told());
    }
}
