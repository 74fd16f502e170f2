using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Mail;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Mail;

public sealed class SpamBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((options, _) => [new SpamBehaviour(options)]);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Names_a_host_that_delivers_to_many_servers_itself()
    {
        Deliver(40, secondsApart: 5);
        var spam = Assert.Single(_world.Alarms);
        Assert.Equal((IncidentKind.OutboundAttack, Host(7)), (spam.Kind, spam.Host));
        Assert.Equal([SignNames.SpamRun], spam.Vectors);
    }

    [Fact]
    public void Stays_quiet_about_who_hands_all_mail_to_one_server()
    {
        for (var i = 0; i < 200; i++) _world.Connect(Host(7), Remote(1), 25, (ushort)(40_000 + i));
        _world.Wait(2);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_a_mail_server_which_is_known_by_receiving()
    {
        _world.Connect(Remote(200), Host(7), 25, 50_000);
        Deliver(40, secondsApart: 5);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Knows_a_mail_server_by_flow_records_too_of_which_the_outsiders_comes_first()
    {
        const byte All = Syn | PshAck | FinAck;
        _world.Packet(Remote(200), Host(7), 6, 50_000, 25, All, length: 400, packets: 9, extra: FlowFlags.None);
        _world.Packet(Host(7), Remote(200), 6, 25, 50_000, All, length: 90, packets: 8, extra: FlowFlags.None);
        Deliver(40, secondsApart: 5);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_a_few_servers_an_hour()
    {
        Deliver(60, secondsApart: 60);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Only_the_hosts_of_others_deliver_to_us_without_a_word()
    {
        for (var i = 0; i < 60; i++) _world.Connect(Remote(1), Host(i), 25, (ushort)(40_000 + i));
        _world.Wait(2);
        Assert.Empty(_world.Incidents);
    }

    private void Deliver(int servers, double secondsApart)
    {
        for (var i = 0; i < servers; i++)
        {
            _world.Connect(Host(7), Remote(i), 25, (ushort)(40_000 + i));
            _world.Wait(secondsApart);
        }
    }
}
