using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Guessing;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Guessing;

public sealed class GuessingBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((options, _) => [new GuessingBehaviour(options)]);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Names_who_logs_in_again_and_again_in_vain()
    {
        Guess(Remote(1), Host(9), 22, attempts: 40);
        var guessing = Assert.Single(_world.Alarms);
        Assert.Equal(IncidentKind.BruteForce, guessing.Kind);
        Assert.Equal([SignNames.SshBruteForce], guessing.Vectors);
        Assert.Equal((Remote(1), new Prefix(Host(9), 32)), (guessing.Host!.Value, guessing.Target!.Value));
        Assert.Equal(0.95, guessing.Confidence);
    }

    [Fact]
    public void A_few_attempts_are_somebody_who_forgot()
    {
        Guess(Remote(1), Host(9), 22, attempts: 8);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void A_monitor_that_looks_every_ten_seconds_is_no_guesser()
    {
        Guess(Remote(1), Host(9), 22, attempts: 60, pause: _ => 10);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Sessions_in_which_work_is_done_are_no_attempts()
    {
        for (var i = 0; i < 40; i++)
        {
            _world.Connect(Remote(1), Host(9), 22, (ushort)(40_000 + i), requests: 80 + i * 7, request: 300, answers: 100, answer: 900);
            _world.Wait(1 + i % 5);
        }
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Short_sessions_of_all_sizes_are_no_attempts()
    {
        for (var i = 0; i < 40; i++)
        {
            _world.Connect(Remote(1), Host(9), 22, (ushort)(40_000 + i), requests: 8 + i % 9, request: 60 + i * 31 % 400, answers: 8, answer: 200);
            _world.Wait(1 + i % 5);
        }
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Patience_asks_for_more_attempts()
    {
        _world.Options.Guessing.Patience = 5;
        Guess(Remote(1), Host(9), 22, attempts: 40);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void A_server_that_greets_as_SSH_is_guessed_at_on_any_port()
    {
        ((IObservationSink)_world.Engine).Take(new Flow { Source = Host(9), Destination = Remote(1), SourcePort = 902, DestinationPort = 40_000, Protocol = 6, Start = _world.Now }, new ServiceBanner(BannerService.Ssh));
        Guess(Remote(1), Host(9), 902, attempts: 40);
        Guess(Remote(1), Host(9), 903, attempts: 40);
        Assert.Contains("port 902", Assert.Single(_world.Alarms).Explanation);
    }

    [Fact]
    public void Slow_guessing_is_found_within_half_an_hour()
    {
        Guess(Remote(1), Host(9), 22, attempts: 60, pause: i => 30 + i * 13 % 40);
        Assert.Single(_world.Alarms);
    }

    [Fact]
    public void Too_coarse_sampling_is_said_and_nothing_is_judged_by_it()
    {
        for (var i = 0; i < 60; i++)
        {
            _world.Packet(Remote(1), Host(9), 6, (ushort)(40_000 + i), 22, SynAck | FinAck, 200, packets: 2_000, sampled: 10);
            _world.Packet(Host(9), Remote(1), 6, 22, (ushort)(40_000 + i), SynAck | FinAck, 200, packets: 2_000, sampled: 10);
            _world.Wait(1 + i % 3);
        }
        Assert.Empty(_world.Incidents);
        Assert.Contains(_world.Engine.BlindSpots, s => s.StartsWith("guessing: works to a sampling of 1:10", StringComparison.Ordinal));
    }

    private void Guess(IpAddr from, IpAddr to, ushort port, int attempts, Func<int, double>? pause = null)
    {
        for (var i = 0; i < attempts; i++)
        {
            _world.Connect(from, to, port, (ushort)(40_000 + i), requests: 10 + i % 3, request: 150, answers: 11, answer: 170);
            _world.Wait(pause?.Invoke(i) ?? 1 + i * 7 % 4);
        }
    }
}
