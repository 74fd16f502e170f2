using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Guessing;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Guessing;

public sealed class GuessingBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((options, home) => [new GuessingBehaviour(options, home)]);

    private int _logins;

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

    [Fact]
    public void Records_of_attempts_that_end_with_a_reset_are_attempts()
    {
        for (var i = 0; i < 40; i++)
        {
            _world.Packet(Remote(1), Host(9), 6, (ushort)(40_000 + i), 22, SynAck | FinAck | RstAck, 150, packets: 14);
            _world.Packet(Host(9), Remote(1), 6, 22, (ushort)(40_000 + i), SynAck | FinAck, 200, packets: 13);
            _world.Wait(1 + i * 7 % 4);
        }
        Assert.Equal([SignNames.SshBruteForce], Assert.Single(_world.Alarms).Vectors);
    }

    [Fact]
    public void One_password_at_each_of_many_servers_is_guessing()
    {
        for (var i = 0; i < 40; i++) Guess(Remote(1), Host(10 + i), 22, attempts: 1);
        _world.Wait(2);
        var spray = Assert.Single(_world.Alarms);
        Assert.Equal([SignNames.PasswordSpray], spray.Vectors);
        Assert.Equal((Remote(1), null), (spray.Host!.Value, spray.Target));
    }

    [Theory]
    [InlineData(22, Severity.Low)]
    [InlineData(23, Severity.Medium)]
    public void At_home_an_administrators_program_looks_the_same_but_not_by_Telnet(ushort port, Severity severity)
    {
        for (var i = 0; i < 40; i++) Guess(Host(5), Host(10 + i), port, attempts: 1);
        _world.Wait(2);
        Assert.Equal(severity, Assert.Single(_world.Incidents).Severity);
    }

    [Fact]
    public void Who_works_with_most_of_the_servers_it_talks_to_tries_no_passwords()
    {
        for (var i = 0; i < 40; i++)
        {
            Guess(Remote(1), Host(10 + i), 22, attempts: 1);
            _world.Connect(Remote(1), Host(10 + i), 22, 50_000, requests: 80, request: 300, answers: 100, answer: 900);
            _world.Connect(Remote(1), Host(10 + i), 22, 50_001, requests: 80, request: 300, answers: 100, answer: 900);
            _world.Wait(1);
        }
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Many_who_try_a_few_each_are_told_once_of_their_target()
    {
        for (var round = 0; round < 3; round++)
            for (var i = 0; i < 40; i++) Guess(Remote(1 + i), Host(9), 22, attempts: 1, port: 40_000 + round);
        _world.Wait(2);
        var crowd = Assert.Single(_world.Alarms);
        Assert.Equal([SignNames.DistributedGuessing], crowd.Vectors);
        Assert.Equal((null, new Prefix(Host(9), 32)), (crowd.Host, crowd.Target!.Value));
        Assert.InRange(crowd.SourceCount, 38, 42);
    }

    [Fact]
    public void Many_phones_that_look_for_mail_are_no_crowd()
    {
        for (var round = 0; round < 3; round++)
            for (var i = 0; i < 40; i++) Guess(Remote(1 + i), Host(9), 993, attempts: 1, port: 40_000 + round);
        _world.Wait(2);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Names_who_tries_passwords_at_a_web_server()
    {
        for (var i = 0; i < 20; i++) Login(Remote(1), Host(9), WebLoginKind.Authorization, password: (ulong)i + 1, status: 401);
        var guessing = Assert.Single(_world.Alarms);
        Assert.Equal([SignNames.HttpBruteForce], guessing.Vectors);
        Assert.Contains("logins at a web server on port 80 of 192.0.2.9", guessing.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60, 401, true)]   // A program with an old password.
    [InlineData(60, 200, false)]  // Sixty people with the right one, or a program with sixty accounts.
    [InlineData(60, 404, false)]  // Nothing is there.
    [InlineData(8, 401, false)]   // Somebody who forgot.
    public void Logins_that_are_refused_for_other_reasons_or_not_at_all_are_none(int times, int status, bool samePassword)
    {
        for (var i = 0; i < times; i++) Login(Remote(1), Host(9), WebLoginKind.Authorization, samePassword ? 7 : (ulong)i + 1, status);
        Assert.Empty(_world.Incidents);
    }

    [Theory]
    [InlineData(40, 1)]
    [InlineData(20, 0)]
    public void Of_a_form_it_takes_more_because_refusals_are_known_by_their_likeness_only(int times, int alarms)
    {
        for (var i = 0; i < times; i++) Login(Remote(1), Host(9), WebLoginKind.Form, (ulong)i + 1, status: 200);
        Assert.Equal(alarms, _world.Alarms.Count());
    }

    [Fact]
    public void Default_passwords_tried_at_many_devices_over_the_web_are_a_spray()
    {
        for (var i = 0; i < 40; i++) Login(Host(5), Remote(1 + i), WebLoginKind.Authorization, 7, status: 401);
        _world.Wait(2);
        var spray = Assert.Single(_world.Alarms);
        Assert.Equal([SignNames.PasswordSpray], spray.Vectors);
        Assert.Contains("logins at a web server", spray.Explanation, StringComparison.Ordinal);
    }

    private void Login(IpAddr from, IpAddr to, WebLoginKind kind, ulong password, int status)
    {
        var request = new Flow { Source = from, Destination = to, SourcePort = 40_000, DestinationPort = 80, Protocol = 6, Packets = 1, SampledPackets = 1, Bytes = 300, Start = _world.Now, End = _world.Now };
        var answer = request with { Source = to, Destination = from, SourcePort = 80, DestinationPort = 40_000, Bytes = 420 };
        ((IObservationSink)_world.Engine).Take(request, new WebLogin(kind, password));
        ((IObservationSink)_world.Engine).Take(answer, new WebAnswer(status, 420));
        _world.Wait(1 + _logins++ * 7 % 4);
    }

    private void Guess(IpAddr from, IpAddr to, ushort service, int attempts, Func<int, double>? pause = null, int port = 40_000)
    {
        for (var i = 0; i < attempts; i++)
        {
            _world.Connect(from, to, service, (ushort)(port + i), requests: 10 + i % 3, request: 150, answers: 11, answer: 170);
            _world.Wait(pause?.Invoke(i) ?? 1 + i * 7 % 4);
        }
    }
}
