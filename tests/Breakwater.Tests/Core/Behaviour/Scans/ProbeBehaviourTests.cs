using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Scans;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Scans;

public sealed class ProbeBehaviourTests : IDisposable
{
    private readonly BehaviourWorld _world = new((options, home) => [new ProbeBehaviour(options, home)]);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Pings_without_data_each_under_its_own_identifier_are_a_sweep()
    {
        for (var i = 0; i < 24; i++) Ping(Host(7), Host(100 + i), (ushort)(i * 977));
        _world.Wait(2);
        var scan = Assert.Single(_world.Alarms);
        Assert.Equal((IncidentKind.Scan, Host(7)), (scan.Kind, scan.Host));
        Assert.Equal([SignNames.PingSweep], scan.Vectors);
    }

    [Theory]
    [InlineData(84, 1)]
    [InlineData(60, 1)]
    [InlineData(28, 0)]
    public void A_monitor_that_pings_many_hosts_is_not(int length, int newIdentifier)
    {
        for (var i = 0; i < 200; i++) Ping(Host(7), Host(20 + i), (ushort)(77 + i * newIdentifier), length);
        _world.Wait(2);
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void One_host_over_and_over_or_one_a_minute_is_none()
    {
        for (var i = 0; i < 200; i++) Ping(Host(7), Host(9), (ushort)i);
        for (var i = 0; i < 60; i++)
        {
            Ping(Host(8), Host(20 + i), (ushort)i);
            _world.Wait(30);
        }
        Assert.Empty(_world.Incidents);
    }

    [Fact]
    public void Sweeps_from_elsewhere_are_everybodys_and_no_alarm()
    {
        for (var i = 0; i < 200; i++) Ping(Remote(1), Host(i), (ushort)(i * 31));
        _world.Wait(2);
        Assert.Equal(Severity.Low, Assert.Single(_world.Incidents).Severity);
    }

    private void Ping(IpAddr from, IpAddr to, ushort identifier, int length = 28) =>
        ((IObservationSink)_world.Engine).Take(new Flow { Source = from, Destination = to, Protocol = 1, Start = _world.Now, End = _world.Now }, new EchoMessage(false, identifier, 0, 1, length));
}
