using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Names;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Names;

public class DgaBehaviourTests
{
    private readonly Random _random = new(3);
    private readonly DgaBehaviour _behaviour = new(new BehaviourOptions { MaxHosts = 1024 }, NameTraffic.Home);
    private readonly NameTraffic<DgaBehaviour> _net;

    public DgaBehaviourTests() => _net = new(_behaviour);

    private string Drawn(int letters = 13) => string.Concat(Enumerable.Range(0, letters).Select(_ => (char)('a' + _random.Next(26))));

    [Fact]
    public void Says_that_a_host_asks_for_names_drawn_by_lot()
    {
        for (var i = 0; i < 15; i++)
        {
            _net.Fail(Drawn() + (i % 2 == 0 ? ".com" : ".co.uk"));
            _net.Wait(TimeSpan.FromSeconds(1));
        }
        var sign = _net.Signs[0];
        Assert.Equal((SignNames.Dga, _net.Client, true), (sign.Name, sign.Host, sign.Confirmed));
        Assert.Contains("asked for 10 names", sign.Because);
        Assert.Contains("fewer than 10 names", sign.Counterfactual);
        Assert.Equal(TimeSpan.FromSeconds(9), sign.To - sign.From - TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Reads_captures_whose_clock_began_in_1970()
    {
        _net.Now = Timestamp.FromUnixSeconds(3);
        for (var i = 0; i < 15; i++) _net.Fail(Drawn() + ".com");
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Single(_net.Signs);
    }

    [Fact]
    public void Names_the_address_where_the_algorithm_found_somebody()
    {
        for (var i = 0; i < 10; i++) _net.Fail(Drawn() + ".net");
        _net.Answer(Drawn() + ".net", addresses: IpAddr.Parse("203.0.113.9"));
        _net.Wait(TimeSpan.FromSeconds(1));
        var sign = Assert.Single(_net.Signs);
        Assert.Equal(Prefix.Parse("203.0.113.9/32"), sign.Target);
        Assert.Contains("203.0.113.9", sign.Because);
    }

    [Fact]
    public void Stays_quiet_about_dead_links_and_typing_mistakes()
    {
        foreach (var name in "exampleshop oldcompany weathernews gardencenter bookstore thecarshow musicfestival travelagency cityhotel localpaper sportsclub familyblog".Split(' ')) _net.Fail(name + ".com");
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Stays_quiet_about_lists_and_searches_whatever_the_names_below()
    {
        for (var i = 0; i < 50; i++)
        {
            _net.Fail($"{i}.2.0.192.zen.spamhaus.org");
            _net.Fail(Drawn() + ".office.example.com");
            _net.Fail(Drawn());
            _net.Fail(Drawn() + ".local");
            _net.Fail($"{i}.2.0.192.in-addr.arpa");
        }
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Stays_quiet_about_one_name_asked_for_again_and_again()
    {
        var names = Enumerable.Range(0, 9).Select(_ => Drawn() + ".com").ToArray();
        for (var i = 0; i < 100; i++) _net.Fail(names[i % names.Length]);
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Forgets_names_after_an_hour()
    {
        for (var i = 0; i < 40; i++)
        {
            _net.Fail(Drawn() + ".com");
            _net.Wait(TimeSpan.FromMinutes(10));
        }
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Does_not_blame_a_resolver_for_what_others_ask()
    {
        _net.Answer("www.example.com", addresses: IpAddr.Parse("203.0.113.9"));
        _net.Client = NameTraffic<DgaBehaviour>.Resolver;
        for (var i = 0; i < 30; i++) _net.Fail(Drawn() + ".com");
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Does_not_care_what_strangers_ask_our_name_servers()
    {
        _net.Client = IpAddr.Parse("203.0.113.77");
        for (var i = 0; i < 30; i++) _net.Fail(Drawn() + ".com");
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Finds_the_bot_among_many_more_hosts_than_it_keeps()
    {
        var bot = _net.Client;
        for (var i = 0; i < 20; i++)
        {
            _net.Client = bot;
            _net.Fail(Drawn() + ".com");
            for (var j = 0u; j < 500; j++)
            {
                _net.Client = IpAddr.V4(0x0A00_0000 + (uint)_random.Next(100_000));
                _net.Fail(Drawn() + ".com");
            }
            _net.Wait(TimeSpan.FromSeconds(1));
        }
        Assert.Contains(_net.Signs, s => s.Host == bot);
    }

    [Fact]
    public void Allocates_nothing_for_ordinary_answers()
    {
        byte[] name = [.. "exampleshop.com"u8];
        Assert.Equal(0, Allocations.Least(() => () =>
        {
            for (var i = 0; i < 1000; i++) _net.Fail(name, NameTraffic<DgaBehaviour>.Resolver);
        }));
    }
}
