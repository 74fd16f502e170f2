using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Exposure;

public class ExposureBehaviourTests
{
    private static readonly Contact Telnet = new()
    {
        Initiator = IpAddr.Parse("198.51.100.9"),
        Responder = IpAddr.Parse("192.0.2.7"),
        InitiatorPort = 40_000,
        ServicePort = 23,
        Protocol = 6,
        State = ContactState.Answered,
        InitiatorGroup = -1,
        ResponderGroup = 0,
        InitiatorPackets = 2,
        ResponderPackets = 1,
        SampledPackets = 3,
        Start = Timestamp.FromUnixSeconds(1_700_000_000),
        Last = Timestamp.FromUnixSeconds(1_700_000_001),
    };

    [Fact]
    public void A_telnet_server_that_answers_a_stranger_is_told_once_a_day_and_of_low_severity()
    {
        var sign = Assert.Single(Signs(Telnet, Telnet, Telnet with { Initiator = IpAddr.Parse("198.51.100.10"), Last = Telnet.Last + TimeSpan.FromHours(23) }));
        Assert.Equal((Telnet.Responder, SignNames.ExposedService, 0.0), (sign.Host, sign.Name, sign.Weight));
        Assert.Equal(new DirectIncident(IncidentKind.Exposure, Severity.Low), sign.Direct);
        Assert.StartsWith("its Telnet at TCP port 23 answered 198.51.100.9, which is not ours: passwords in clear text", sign.Because, StringComparison.Ordinal);
        Assert.Equal(2, Signs(Telnet, Telnet with { Last = Telnet.Last + TimeSpan.FromHours(25) }).Count);
    }

    [Fact]
    public void Both_protocols_at_one_port_are_two_services() =>
        Assert.Equal(2, Signs(Telnet with { ServicePort = 11211 }, Telnet with { ServicePort = 11211, Protocol = 17 }).Select(s => s.Service).Distinct().Count());

    [Fact]
    public void What_is_refused_unknown_inside_or_of_a_private_neighbour_is_not_told() =>
        Assert.Empty(Signs(
            Telnet with { State = ContactState.Rejected }, Telnet with { ServicePort = 443 }, Telnet with { InitiatorGroup = 0 }, Telnet with { InitiatorGroup = 0, ResponderGroup = -1 },
            Telnet with { Marks = ContactMarks.Midstream }, Telnet with { Initiator = IpAddr.Parse("10.0.0.9") }));

    [Fact]
    public void Nothing_is_told_where_home_was_guessed()
    {
        var behaviour = new ExposureBehaviour(new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []) { IsInferred = true });
        behaviour.Answered(Telnet);
        var signs = new CollectedSigns();
        behaviour.Tick(Telnet.Last, signs);
        Assert.Empty(signs.All);
    }

    [Fact]
    public void A_network_that_is_open_as_a_whole_is_told_in_part_each_hour()
    {
        Contact[] all = [.. Enumerable.Range(1, 3_000).Select(i => Telnet with { Responder = IpAddr.V4(0xC000_0000u + (uint)i) })];
        Assert.Equal(1_000, Signs(all).Count);
        Assert.Equal(2_000, Signs([.. all, .. all.Select(c => c with { Last = c.Last + TimeSpan.FromHours(1) })]).Count);
    }

    private static List<Sign> Signs(params Contact[] contacts)
    {
        var behaviour = new ExposureBehaviour(new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []));
        var signs = new CollectedSigns();
        foreach (var contact in contacts)
        {
            behaviour.Answered(contact);
            behaviour.Tick(contact.Last, signs);
        }
        return signs.All;
    }
}
