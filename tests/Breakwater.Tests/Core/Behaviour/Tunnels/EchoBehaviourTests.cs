using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Tunnels;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Tunnels;

public sealed class EchoBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((_, home) => [new EchoBehaviour(home)]);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Answers_with_other_content_are_a_tunnel()
    {
        Ping(40, answer: i => (ulong)(1_000 + i));
        Assert.Contains(_world.Alarms, i => i.Kind == IncidentKind.InfectedHost && i.Host == Host(7) && i.Vectors.Contains(SignNames.IcmpTunnel));
    }

    [Fact]
    public void Answers_that_return_what_was_sent_are_ping()
    {
        Ping(400, answer: i => (ulong)i);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void A_broken_answer_now_and_then_is_no_tunnel()
    {
        Ping(400, answer: i => i % 20 == 0 ? 7_777u : (ulong)i);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Answers_alone_say_nothing_where_questions_are_not_seen()
    {
        for (var i = 0; i < 100; i++) Say(isAnswer: true, i, (ulong)i);
        _world.Wait(2);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void A_flood_of_pings_takes_no_memory_and_hides_a_tunnel_for_a_minute_at_most()
    {
        for (var i = 0; i < 5_000; i++)
            ((IObservationSink)_world.Engine).Take(new Flow { Source = Remote(1000 + i), Destination = Host(7), Protocol = 1, Start = _world.Now, End = _world.Now }, new EchoMessage(false, 1, 1, 1, 84));
        _world.Wait(2);
        _world.Wait(70);
        Ping(40, answer: i => (ulong)(1_000 + i));
        Assert.NotEmpty(_world.Alarms);
    }

    [Fact]
    public void By_flows_alone_lengths_that_differ_raise_a_suspicion_and_no_alarm()
    {
        _world.Packet(Host(7), Remote(1), 1, 0, 8 << 8, length: 84, packets: 200);
        _world.Packet(Remote(1), Host(7), 1, 0, 0, length: 400, packets: 200);
        _world.Finish();
        Assert.Empty(_world.Alarms);
    }

    private void Ping(int times, Func<int, ulong> answer)
    {
        for (var i = 0; i < times; i++)
        {
            Say(isAnswer: false, i, (ulong)i);
            Say(isAnswer: true, i, answer(i));
        }
        _world.Wait(2);
    }

    private void Say(bool isAnswer, int number, ulong content)
    {
        var (from, to) = isAnswer ? (Remote(1), Host(7)) : (Host(7), Remote(1));
        ((IObservationSink)_world.Engine).Take(new Flow { Source = from, Destination = to, Protocol = 1, Start = _world.Now, End = _world.Now }, new EchoMessage(isAnswer, 1, (ushort)number, content, 84));
    }
}
