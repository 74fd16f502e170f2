using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Intelligence;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Engine;
using Breakwater.Tests.Core.Sharing;

namespace Breakwater.Tests.Core.Behaviour.Intelligence;

public sealed class KnownBadContactTests
{
    private static readonly Timestamp Start = Timestamp.FromUnixSeconds(1_700_000_000);
    private readonly KnownBadBoard _board = new();
    private readonly CollectedSigns _signs = new();
    private readonly KnownBadContact _behaviour;

    public KnownBadContactTests() => _behaviour = new KnownBadContact(_board, new IntelligenceOptions { PopularFrom = 5 });

    private void Know(double reliability, FeedCategory category, params string[] entries) => _board.Current = new KnownBad(
        [new FeedContent("list", reliability, Start + TimeSpan.FromDays(1), [.. entries.Select(e => FeedEntry.Of(Prefix.Parse(e), category))])], SharedSamples.Home, []);

    private static Contact Talk(string to = "198.51.100.7", string from = "192.0.2.9", ContactState state = ContactState.Answered, uint answers = 8) => new()
    {
        Initiator = IpAddr.Parse(from),
        Responder = IpAddr.Parse(to),
        InitiatorPort = 40_000,
        ServicePort = 443,
        Protocol = 6,
        State = state,
        InitiatorPackets = 6,
        ResponderPackets = state == ContactState.Silent ? 0 : answers,
        InitiatorBytes = 900,
        ResponderBytes = state == ContactState.Silent ? 0 : 60 * answers,
        SampledPackets = 6,
        InitiatorGroup = 0,
        ResponderGroup = -1,
        Start = Start,
        Last = Start + TimeSpan.FromSeconds(1),
    };

    private IReadOnlyList<Sign> Hear(params Contact[] contacts)
    {
        foreach (var contact in contacts) _behaviour.Began(contact);
        foreach (var contact in contacts) _behaviour.Ended(contact);
        _behaviour.Tick(Start + TimeSpan.FromSeconds(2), _signs);
        return _signs.All;
    }

    [Fact]
    public void Two_way_talk_with_a_controller_that_reliable_feeds_name_proves_an_infection()
    {
        Know(0.9, FeedCategory.CommandAndControl, "198.51.100.7");

        var sign = Assert.Single(Hear(Talk()));

        Assert.Equal((SignNames.CommandContact, SignFamily.Intelligence, true, 1.0), (sign.Name, sign.Family, sign.Confirmed, sign.Confidence));
        Assert.Equal(IpAddr.Parse("192.0.2.9"), sign.Host);
        Assert.Contains("on list (command-and-control)", sign.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void One_doubtful_list_proves_nothing()
    {
        Know(0.5, FeedCategory.CommandAndControl, "198.51.100.7");

        Assert.False(Assert.Single(Hear(Talk())).Confirmed);
    }

    [Fact]
    public void A_port_that_opens_and_closes_is_an_attempt()
    {
        Know(0.9, FeedCategory.CommandAndControl, "198.51.100.7");

        Assert.Equal(SignNames.CommandAttempt, Assert.Single(Hear(Talk(answers: 1))).Name);
    }

    [Fact]
    public void Who_tries_many_listed_addresses_in_vain_scans()
    {
        Know(0.9, FeedCategory.CommandAndControl, "198.51.100.0/24");

        Assert.Empty(Hear([.. Enumerable.Range(1, 20).Select(i => Talk($"198.51.100.{i}", state: ContactState.Silent))]));
    }

    [Fact]
    public void Talk_with_other_listed_addresses_is_a_weak_sign_and_an_attempt_is_none()
    {
        Know(0.9, FeedCategory.Criminal, "198.51.100.0/24");

        Assert.Equal(SignNames.KnownBadContact, Assert.Single(Hear(Talk())).Name);
        _signs.All.Clear();
        Assert.Empty(Hear(Talk("198.51.100.8", state: ContactState.Silent)));
    }

    [Fact]
    public void What_many_of_ours_talk_to_is_a_mistake_of_the_list()
    {
        Know(0.9, FeedCategory.CommandAndControl, "198.51.100.7");

        Assert.Empty(Hear([.. Enumerable.Range(1, 6).Select(i => Talk(from: $"192.0.2.{i}"))]));
    }

    [Fact]
    public void Says_nothing_of_unlisted_addresses_of_inbound_talk_and_without_feeds()
    {
        Assert.Empty(Hear(Talk()));
        Know(0.9, FeedCategory.CommandAndControl, "198.51.100.7");
        Assert.Empty(Hear(Talk("203.0.113.1"), Talk() with { InitiatorGroup = -1, ResponderGroup = 0, Initiator = IpAddr.Parse("198.51.100.7"), Responder = IpAddr.Parse("192.0.2.9") }));
    }

    [Fact]
    public void A_host_of_ours_that_others_saw_infected_is_infected()
    {
        Know(0.9, FeedCategory.Bot, "192.0.2.18");

        var sign = Assert.Single(Hear());

        Assert.Equal((SignNames.InfectionReport, IpAddr.Parse("192.0.2.18"), true), (sign.Name, sign.Host, sign.Confirmed));
    }

    [Fact]
    public void An_open_service_that_others_saw_is_no_infection()
    {
        Know(0.9, FeedCategory.OpenService, "192.0.2.18");

        Assert.Empty(Hear());
    }

    [Theory]
    [InlineData(0.9, FeedCategory.CommandAndControl, Severity.Medium)]
    [InlineData(0.5, FeedCategory.CommandAndControl, null)]
    [InlineData(0.9, FeedCategory.Criminal, null)]
    public void In_the_engine_a_proof_is_an_incident_and_a_word_of_one_list_is_not(double reliability, FeedCategory category, Severity? severity)
    {
        Know(reliability, category, "198.51.100.7");
        var told = new Told();
        using (var engine = Composition.Default.CreateBehaviour(new BehaviourOptions(), SharedSamples.Home, told, new Surroundings { KnownBad = _board })!)
        {
            var batch = new FlowBatch();
            for (var i = 0; i < 12; i++)
            {
                var (from, to) = i % 2 == 0 ? ("192.0.2.9", "198.51.100.7") : ("198.51.100.7", "192.0.2.9");
                batch.Add(new Flow
                {
                    Source = IpAddr.Parse(from),
                    Destination = IpAddr.Parse(to),
                    SourcePort = (ushort)(i % 2 == 0 ? 40_000 : 443),
                    DestinationPort = (ushort)(i % 2 == 0 ? 443 : 40_000),
                    Protocol = 6,
                    TcpFlags = (byte)(i switch { 0 => 2, 1 => 18, _ => 24 }),
                    Packets = 1,
                    SampledPackets = 1,
                    Bytes = 120,
                    Flags = FlowFlags.SinglePacket,
                    Start = Start + TimeSpan.FromMilliseconds(50 * i),
                    End = Start + TimeSpan.FromMilliseconds(50 * i),
                });
            }
            engine.Observe(batch);
            engine.Advance(Start + TimeSpan.FromSeconds(5));
            engine.Finish();
        }

        var alerts = told.Incidents.Where(i => i.Severity >= Severity.Medium).ToArray();
        if (severity is null) Assert.Empty(alerts);
        else
        {
            Assert.NotEmpty(alerts);
            Assert.All(alerts, i => Assert.Equal((IncidentKind.InfectedHost, IpAddr.Parse("192.0.2.9"), severity.Value), (i.Kind, i.Host!.Value, i.Severity)));
            Assert.Contains("198.51.100.7 port 443", alerts[^1].Explanation, StringComparison.Ordinal);
        }
    }

    private sealed class Told : IIncidentSink
    {
        public List<Incident> Incidents { get; } = [];

        public void Publish(Incident incident) => Incidents.Add(incident);
    }
}
