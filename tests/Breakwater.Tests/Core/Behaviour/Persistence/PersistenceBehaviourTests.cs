using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Persistence;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Persistence;

public sealed class PersistenceBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((options, _) => [new PersistenceBehaviour(options)]);
    private ushort _port = 30_000;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_host_that_IRC_throws_out_again_and_again_and_that_tries_on_in_vain_is_infected()
    {
        for (var i = 0; i < 200; i++)
        {
            Call(i % 3 == 0, 6667);
            _world.Wait(40 + i % 7);
        }

        var infected = Assert.Single(_world.Alarms);
        Assert.Equal((IncidentKind.InfectedHost, Severity.Medium, Host(7)), (infected.Kind, infected.Severity, infected.Host));
        Assert.Equal([SignNames.IrcReturns, SignNames.StubbornCalls], infected.Vectors.Order());
        Assert.Contains("port 6667", infected.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(443), InlineData(8883)]
    public void A_device_whose_makers_server_is_dead_is_not_accused(int port)
    {
        for (var i = 0; i < 400; i++)
        {
            Call(answered: i % 5 == 0, port);
            _world.Wait(40);
        }

        Assert.Empty(_world.Alarms);
        Assert.Equal([SignNames.StubbornCalls], Signs(Host(7)));
    }

    [Fact]
    public void People_on_IRC_are_left_alone()
    {
        for (var i = 0; i < 60; i++)
        {
            _world.Connect(Host(7), Remote(1), 6667, _port++, requests: 5 + i * 3, answers: 9 + i * 11 % 40);
            _world.Wait(120);
        }

        Assert.Empty(Signs(Host(7)));
    }

    [Fact]
    public void Fewer_than_fifty_calls_in_vain_or_less_than_an_hour_of_them_mean_nothing()
    {
        for (var i = 0; i < 45; i++)
        {
            Call(answered: false, 8883);
            _world.Wait(120);
        }
        Assert.Empty(Signs(Host(7)));

        for (var i = 0; i < 200; i++)
        {
            _world.Try(Host(8), Remote(2), 8883, _port++);
            _world.Wait(10);
        }
        Assert.Empty(Signs(Host(8)));
    }

    [Fact]
    public void A_night_without_calls_begins_another_story()
    {
        for (var i = 0; i < 80; i++)
        {
            Call(answered: false, 8883);
            _world.Wait(i == 40 ? 3_000 : 95);
        }

        Assert.Empty(Signs(Host(7)));
    }

    [Fact]
    public void What_everybody_tries_in_vain_is_the_uplinks_fault()
    {
        for (var i = 0; i < 150; i++)
        {
            for (var host = 1; host < 15; host++) _world.Try(Host(host), Remote(host), 443, _port++);
            _world.Wait(40);
        }

        Assert.All(Enumerable.Range(1, 14), host => Assert.Empty(Signs(Host(host))));
    }

    [Fact]
    public void Mail_that_is_tried_again_is_how_mail_works()
    {
        for (var i = 0; i < 200; i++)
        {
            Call(answered: false, 25);
            _world.Wait(60);
        }

        Assert.Empty(Signs(Host(7)));
    }

    private void Call(bool answered, int port)
    {
        if (answered) _world.Connect(Host(7), Remote(1), (ushort)port, _port++, requests: 2, request: 71, answers: 3, answer: 130);
        else _world.Try(Host(7), Remote(1), (ushort)port, _port++);
    }

    private IEnumerable<string> Signs(IpAddr host) => _world.Engine.Evidence().Where(e => e.Host == host).SelectMany(e => e.Signs).Select(s => s.Key);
}
