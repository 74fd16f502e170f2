using System.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Chat;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Chat;

public sealed class ChatBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((_, home) => [new ChatBehaviour(home)]);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_bots_name_at_a_port_where_nobody_chats_is_an_infection()
    {
        Join("[DEU|XP|SP2|4711]", 8080);
        _world.Wait(2);
        var accused = Assert.Single(_world.Alarms);
        Assert.Equal((IncidentKind.InfectedHost, Host(7)), (accused.Kind, accused.Host));
        Assert.Equal([SignNames.BotNickname, SignNames.ChatOnOtherPort], accused.Vectors.Order());
    }

    [Theory]
    [InlineData("[DEU|XP|SP2|4711]", 6667)]
    [InlineData("alice", 8080)]
    [InlineData("alice", 6667)]
    public void Either_alone_accuses_nobody(string nickname, ushort port)
    {
        Join(nickname, port);
        _world.Wait(2);
        Assert.Empty(_world.Alarms);
    }

    [Theory]
    [InlineData("[DEU|XP|SP2|4711]", 10)]
    [InlineData("usa|xp|482913", 7)]
    [InlineData("{NEW}[USA][XP-SP2]12345", 12)]
    [InlineData("M|linux|1234567", 6)]
    [InlineData("alice", 0)]
    [InlineData("[AFK]alice", 2)]
    [InlineData("|MaX|2010", 4)]
    [InlineData("guest482913", 3)]
    [InlineData("bob_1985", 2)]
    [InlineData("", 0)]
    public void Points_are_counted_as_Rishi_does(string nickname, int points) => Assert.Equal(points, NicknameScore.Of(Encoding.ASCII.GetBytes(nickname)));

    [Fact]
    public void A_flood_of_names_takes_no_memory()
    {
        for (var i = 0; i < 5_000; i++) Join($"[USA|XP|{i:000000}]", 8080);
        _world.Wait(2);
        Assert.Single(_world.Alarms);
    }

    private void Join(string nickname, ushort port) => ((IObservationSink)_world.Engine).Take(
        new Flow { Source = Host(7), Destination = Remote(5), SourcePort = 40_000, DestinationPort = port, Protocol = 6, Start = _world.Now, End = _world.Now },
        new NicknameObservation { Nickname = Encoding.ASCII.GetBytes(nickname) });
}
