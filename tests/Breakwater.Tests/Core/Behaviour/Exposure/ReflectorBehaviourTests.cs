using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Exposure;

public class ReflectorBehaviourTests
{
    private static readonly IpAddr Host = IpAddr.Parse("192.0.2.7");
    private static readonly Timestamp Noon = Timestamp.FromUnixSeconds(1_700_000_000);
    private static readonly HomeNetwork Home = new([Prefix.Parse("192.0.2.0/24")], []);

    private readonly ConfirmationBoard _confirmations = new();
    private readonly ReflectorBehaviour _behaviour;
    private readonly CollectedSigns _signs = new();

    public ReflectorBehaviourTests() => _behaviour = new ReflectorBehaviour(new ReflectorOptions(), Home, _confirmations);

    [Fact]
    public void A_host_that_answers_twenty_strangers_ten_times_what_they_asked_is_an_open_reflector()
    {
        for (var i = 1; i <= 21; i++) Exchange(i, 11211, asked: 60, answered: 600, at: i);
        var sign = Assert.Single(Look());
        Assert.Equal((Host, SignNames.OpenReflector, 11211, 0.0), (sign.Host, sign.Name, sign.Service, sign.Weight));
        Assert.Equal(new DirectIncident(IncidentKind.Reflector, Severity.Medium), sign.Direct);
        Assert.InRange(sign.Inputs.Single(i => i.Key == "byteRatio").Value, 10, 11);
        Assert.Contains("memcached at UDP port 11211", sign.Because, StringComparison.Ordinal);
        Assert.Equal(16, sign.Flows.Count);
    }

    [Fact]
    public void A_time_server_that_answers_as_much_as_it_is_asked_is_none()
    {
        for (var i = 1; i <= 200; i++) Exchange(i, 123, asked: 76, answered: 76, at: i);
        Assert.Empty(Look());
    }

    [Fact]
    public void Nineteen_clients_are_too_few_and_so_are_twenty_in_a_day()
    {
        for (var i = 1; i <= 19; i++) Exchange(i, 53, asked: 60, answered: 3_000, at: i);
        Assert.Empty(Look());
        for (var i = 1; i <= 40; i++) Exchange(i, 19, asked: 60, answered: 3_000, at: 3_600 * i);
        Assert.Empty(Look());
    }

    [Fact]
    public void Where_requests_are_not_seen_it_is_said_with_less_confidence()
    {
        for (var i = 1; i <= 20; i++) Answer(i, 1900, 40_000, 300, at: i);
        var sign = Assert.Single(Look());
        Assert.Equal((0.5, Severity.Low), (sign.Confidence, sign.Direct!.Severity));
        Assert.Contains("requests not seen", sign.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_said_when_it_was_asked_is_told_with_the_finding_without_more_traffic()
    {
        for (var i = 1; i <= 20; i++) Answer(i, 1900, 40_000, 300, at: i);
        Look();
        Tell(ConfirmationVerdict.Answered, 310);
        var sign = Look()[^1];
        Assert.Equal((2, 0.99, Severity.Medium), (_signs.All.Count, sign.Confidence, sign.Direct!.Severity));
        Assert.EndsWith("; asked by us at 2023-11-14 22:13 UTC it answered 310 octets to 100", sign.Because, StringComparison.Ordinal);
        Assert.Equal(1, sign.Inputs.Single(i => i.Key == "confirmed").Value);
        Tell(ConfirmationVerdict.Silent, 0);
        sign = Look()[^1];
        Assert.Equal((3, 0.5), (_signs.All.Count, sign.Confidence));
        Assert.EndsWith("it did not answer", sign.Because, StringComparison.Ordinal);
    }

    private void Tell(ConfirmationVerdict verdict, int octets) => _confirmations.Current = _confirmations.Current.With(Host, 1900, new Confirmation(verdict, Noon, 100, octets));

    [Fact]
    public void A_client_whose_port_is_the_services_own_is_not_accused_for_one_direction()
    {
        for (var i = 1; i <= 100; i++) Answer(i, 6881, 6881, 300, at: i);
        for (var i = 1; i <= 100; i++) Answer(i, 123, 123, 76, at: i);
        Assert.Empty(Look());
    }

    [Fact]
    public void It_works_where_one_packet_of_a_thousand_is_seen()
    {
        var random = new Random(1);
        for (var i = 1; i <= 2_000; i++)
        {
            // Of each exchange at most one of the two packets; both counted a thousand times.
            if (random.Next(2) == 0) Watch(new Flow { Source = Stranger(i), Destination = Host, SourcePort = 4_000, DestinationPort = 389, Protocol = 17, Bytes = 80_000, Packets = 1_000, SampledPackets = 1 }, i / 10);
            else Watch(new Flow { Source = Host, Destination = Stranger(i), SourcePort = 389, DestinationPort = 4_000, Protocol = 17, Bytes = 3_000_000, Packets = 1_000, SampledPackets = 1 }, i / 10);
        }
        var sign = Assert.Single(Look());
        Assert.InRange(sign.Inputs.Single(i => i.Key == "byteRatio").Value, 30, 45);
        Assert.Equal(1_000, sign.SamplingRate);
    }

    [Fact]
    public void What_others_answer_to_ours_and_ours_among_themselves_is_passed_over()
    {
        for (var i = 1; i <= 100; i++)
        {
            Watch(new Flow { Source = Stranger(i), Destination = Host, SourcePort = 53, DestinationPort = 40_000, Protocol = 17, Bytes = 3_000, Packets = 1, SampledPackets = 1 }, i);
            Watch(new Flow { Source = Host, Destination = IpAddr.V4(Host.V4Bits + (uint)i), SourcePort = 53, DestinationPort = 40_000, Protocol = 17, Bytes = 3_000, Packets = 1, SampledPackets = 1 }, i);
            Watch(new Flow { Source = Host, Destination = IpAddr.V4(0xE000_0000u + (uint)i), SourcePort = 1900, DestinationPort = 40_000, Protocol = 17, Bytes = 300, Packets = 1, SampledPackets = 1 }, i);
        }
        Assert.Empty(Look());
    }

    [Fact]
    public void Where_home_was_guessed_it_is_told_of_low_severity_for_it_may_be_somebody_elses()
    {
        var behaviour = new ReflectorBehaviour(new ReflectorOptions(), new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []) { IsInferred = true }, new ConfirmationBoard());
        for (var i = 1; i <= 21; i++) behaviour.Watch([AnswerOf(Host, i, 19, 40_000, 600, i), AnswerOf(Host, i, 19, 40_000, 60, i) with { Source = Stranger(i), SourcePort = 40_000, Destination = Host, DestinationPort = 19 }], null);
        behaviour.Tick(Noon + TimeSpan.FromSeconds(30), _signs);
        Assert.Equal((0.9, Severity.Low), (Assert.Single(_signs.All).Confidence, _signs.All[0].Direct!.Severity));
    }

    [Fact]
    public void Holds_no_more_services_than_it_may_and_keeps_the_newest()
    {
        var behaviour = new ReflectorBehaviour(new ReflectorOptions { MaxServices = 16 }, Home, new ConfirmationBoard());
        for (var i = 0; i < 200; i++) behaviour.Watch([AnswerOf(IpAddr.V4(0xC000_0200 + (uint)i), 1, 53, 40_000, 100, i)], null);
        Assert.True(behaviour.Forgotten > 0);
        for (var i = 1; i <= 20; i++) behaviour.Watch([AnswerOf(Host, i, 1900, 40_000, 300, 200 + i)], null);
        behaviour.Tick(Noon + TimeSpan.FromSeconds(300), _signs);
        Assert.Equal(Host, Assert.Single(_signs.All).Host);
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        Flow[] flows = [.. Enumerable.Range(1, 30).Select(i => AnswerOf(Host, i, 53, 40_000, 300, i))];
        Assert.Equal(0, Allocations.Least(() =>
        {
            _behaviour.Watch(flows, null);
            return () => _behaviour.Watch(flows, null);
        }));
    }

    private static IpAddr Stranger(int number) => IpAddr.V4(0xC633_6400u + (uint)number % 200);

    private void Exchange(int stranger, ushort port, int asked, int answered, int at)
    {
        Watch(new Flow { Source = Stranger(stranger), Destination = Host, SourcePort = 40_000, DestinationPort = port, Protocol = 17, Bytes = asked, Packets = 1, SampledPackets = 1 }, at);
        Answer(stranger, port, 40_000, answered, at);
    }

    private void Answer(int stranger, ushort port, ushort to, int bytes, int at) => _behaviour.Watch([AnswerOf(Host, stranger, port, to, bytes, at)], null);

    private static Flow AnswerOf(IpAddr host, int stranger, ushort port, ushort to, int bytes, int at)
    {
        var time = Noon + TimeSpan.FromSeconds(at);
        return new Flow { Source = host, Destination = Stranger(stranger), SourcePort = port, DestinationPort = to, Protocol = 17, Bytes = bytes, Packets = 1, SampledPackets = 1, Start = time, End = time };
    }

    private void Watch(Flow flow, int at) => _behaviour.Watch([flow with { Start = Noon + TimeSpan.FromSeconds(at), End = Noon + TimeSpan.FromSeconds(at) }], null);

    private IReadOnlyList<Sign> Look()
    {
        _behaviour.Tick(Noon + TimeSpan.FromDays(2), _signs);
        return _signs.All;
    }
}
