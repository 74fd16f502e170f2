using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Beacons;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Beacons;

public sealed class BeaconBehaviourTests
{
    private static readonly IpAddr Host = IpAddr.Parse("192.0.2.7"), Server = IpAddr.Parse("198.51.100.9");

    [Fact]
    public void A_call_every_few_minutes_with_jitter_by_day_and_by_night_is_found()
    {
        var random = new Random(1);
        var signs = Signs(Calls(317, () => 200 + 150 * random.NextDouble()));
        Assert.Equal([SignNames.Beacon, SignNames.JitteredCalls, SignNames.RepeatedExchange, SignNames.RestlessCalls], signs.Select(s => s.Name).Distinct().Order());
        Assert.All(signs, s => Assert.Equal(Host, s.Host));
        Assert.All(signs, s => Assert.Equal(new Prefix(Server, 32), s.Target));
        Assert.True(signs[^1].Confidence > 0.9);
    }

    [Fact]
    public void A_new_connection_every_three_seconds_is_found_within_a_minute()
    {
        var random = new Random(2);
        var signs = Signs(Calls(22, () => 2.2 + 1.6 * random.NextDouble()));
        Assert.Equal([SignNames.Beacon, SignNames.JitteredCalls, SignNames.RepeatedExchange], signs.Select(s => s.Name).Distinct().Order());
    }

    [Fact]
    public void A_plain_timer_is_late_at_times_but_never_early()
    {
        var random = new Random(5);
        var signs = Signs(Calls(60, () => 2 - 0.05 * Math.Log(random.NextDouble())));
        Assert.Equal([SignNames.Beacon, SignNames.RepeatedExchange], signs.Select(s => s.Name).Distinct().Order());
    }

    [Fact]
    public void A_long_poll_that_news_cut_short_now_and_then_throws_no_dice()
    {
        var random = new Random(6);
        var signs = Signs(Calls(120, () => random.Next(8) == 0 ? 5 + 50 * random.NextDouble() : 60 + 4 * random.NextDouble()));
        Assert.Equal([SignNames.Beacon, SignNames.RepeatedExchange], signs.Select(s => s.Name).Distinct().Order());
    }

    [Fact]
    public void A_minute_and_half_a_minute_more_by_chance_is_dice()
    {
        var random = new Random(7);
        var signs = Signs(Calls(60, () => 60 + 30 * random.NextDouble()));
        Assert.Contains(SignNames.JitteredCalls, signs.Select(s => s.Name));
    }

    [Fact]
    public void People_call_at_random()
    {
        var random = new Random(3);
        Assert.Empty(Signs(Calls(400, () => -200 * Math.Log(random.NextDouble()))));
    }

    [Fact]
    public void A_rhythm_with_something_new_to_say_each_time_is_a_rhythm_only()
    {
        var random = new Random(4);
        var signs = Signs(Calls(40, () => 60, () => random.Next(400, 20_000)));
        Assert.Equal([SignNames.Beacon], signs.Select(s => s.Name).Distinct());
    }

    [Fact]
    public void Of_strangers_more_is_asked_for_and_nothing_when_home_is_known()
    {
        var random = new Random(8);
        var inbound = Calls(100, () => 200 + 150 * random.NextDouble()).Select(c => c with { Initiator = Server, Responder = Host, InitiatorGroup = -1, ResponderGroup = 0 }).ToArray();
        Assert.Empty(Signs(inbound));
        Assert.Empty(Signs(inbound.Take(40), isInferred: true));
        Assert.Contains(SignNames.JitteredCalls, Signs(inbound, isInferred: true).Select(s => s.Name));
    }

    [Theory]
    [InlineData(123)]
    [InlineData(53)]
    [InlineData(993)]
    public void Clocks_names_and_mailboxes_are_regular_by_nature(int port) =>
        Assert.Empty(Signs(Calls(100, () => 64).Select(c => c with { ServicePort = (ushort)port })));

    [Fact]
    public void What_half_of_our_hosts_call_is_no_controller()
    {
        var all = Enumerable.Range(1, 20).SelectMany(h => Calls(60, () => 60).Select(c => c with { Initiator = IpAddr.V4(0xC000_0200u + (uint)h) })).OrderBy(c => c.Start);
        var signs = Signs(all);
        // The first few are told of before the others are known to do the same.
        Assert.InRange(signs.Select(s => s.Host).Distinct().Count(), 0, 10);
        Assert.DoesNotContain(Signs(all.Where(c => c.Start > Start + TimeSpan.FromMinutes(30)), all.Where(c => c.Start <= Start + TimeSpan.FromMinutes(30))), s => s.To > Start + TimeSpan.FromMinutes(50));
    }

    [Fact]
    public void Histories_are_bounded()
    {
        var options = new BehaviourOptions { Beacon = new BeaconOptions { MaxHistories = 16 } };
        var behaviour = new BeaconBehaviour(options, Home());
        for (var host = 0; host < 100; host++)
            foreach (var call in Calls(4, () => 1)) behaviour.Ended(call with { Responder = IpAddr.V4(0xC633_6400u + (uint)host) });
        Assert.True(behaviour.Refused > 0);
    }

    private static Timestamp Start => Timestamp.FromUnixSeconds(1_700_000_000);

    private static HomeNetwork Home(bool isInferred = false) => new([Prefix.Parse("192.0.2.0/24")], []) { IsInferred = isInferred };

    private static IEnumerable<Contact> Calls(int count, Func<double> gap, Func<long>? octets = null)
    {
        var time = Start;
        for (var i = 0; i < count; i++)
        {
            yield return new Contact
            {
                Initiator = Host,
                Responder = Server,
                InitiatorPort = (ushort)(40_000 + i),
                ServicePort = 443,
                Protocol = 6,
                State = ContactState.Answered,
                InitiatorPackets = 6,
                ResponderPackets = 5,
                InitiatorBytes = octets?.Invoke() ?? 700,
                ResponderBytes = 1_400,
                InitiatorGroup = 0,
                ResponderGroup = -1,
                Start = time,
                Last = time + TimeSpan.FromMilliseconds(300),
            };
            time += TimeSpan.FromSeconds(gap());
        }
    }

    private static IReadOnlyList<Sign> Signs(IEnumerable<Contact> contacts, IEnumerable<Contact>? before = null, bool isInferred = false)
    {
        var behaviour = new BeaconBehaviour(new BehaviourOptions(), Home(isInferred));
        var told = new CollectedSigns();
        foreach (var contact in before ?? [])
        {
            behaviour.Ended(contact);
            behaviour.Tick(contact.Last, told);
        }
        told.All.Clear();
        foreach (var contact in contacts)
        {
            behaviour.Ended(contact);
            behaviour.Tick(contact.Last, told);
        }
        return told.All;
    }
}
