using System.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Behaviour.Requests;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Requests;

public sealed class RequestBehaviourTests
{
    [Fact]
    public void Requests_in_clear_where_TLS_belongs_are_a_sign()
    {
        var signs = Signs(3, port: 443, method: "GET", host: "203.0.113.5:443");
        Assert.Equal(SignNames.ClearOnTlsPort, Assert.Single(signs).Name);
        Assert.Equal(IpAddr.Parse("192.0.2.7"), signs[0].Host);
        Assert.Equal(443, signs[0].Service);
    }

    [Theory]
    [InlineData(2, 443, "GET", "www.example.com")]
    [InlineData(9, 80, "GET", "www.example.com")]
    [InlineData(9, 80, "POST", "www.example.com")]
    [InlineData(9, 80, "GET", "203.0.113.5")]
    [InlineData(9, 80, "POST", "192.168.1.1")]
    public void Ordinary_requests_are_not(int times, ushort port, string method, string host) => Assert.Empty(Signs(times, port, method, host));

    [Fact]
    public void Bringing_something_to_a_bare_address_is_a_weak_one()
    {
        var sign = Assert.Single(Signs(3, port: 80, method: "POST", host: "203.0.113.5"));
        Assert.Equal(SignNames.PostToAddress, sign.Name);
        Assert.True(sign.Weight < 3);
    }

    [Fact]
    public void A_name_that_only_malware_goes_by_is_proof_at_once()
    {
        var sign = Assert.Single(Signs(1, port: 80, method: "POST", host: "www.example.com", agent: "Mozilla/4.08 (Charon; Inferno)"));
        Assert.Equal(SignNames.MalwareAgent, sign.Name);
        Assert.True(sign.Confirmed);
        Assert.Contains("AA20-266A", sign.Because, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 447, "", true)]
    [InlineData(2, 447, "", false)]
    [InlineData(9, 443, "", false)]
    [InlineData(9, 3389, "", false)]
    [InlineData(9, 447, "www.example.com", false)]
    public void TLS_without_a_name_where_it_is_not_usual_is_a_weak_sign(int times, ushort port, string name, bool expected)
    {
        var signs = Signs(times, port, method: "", host: name, agent: "", isTls: true);
        Assert.Equal(expected, signs.Any(s => s.Name == SignNames.NamelessTls));
        Assert.All(signs, s => Assert.True(s.Weight <= 2));
    }

    [Theory]
    [InlineData("api.ipify.org", true, true)]
    [InlineData("wtfismyip.com", false, true)]
    [InlineData("www.example.com", true, false)]
    [InlineData("", true, false)]
    public void Asking_for_ones_own_address_is_a_weak_sign(string name, bool isTls, bool expected) =>
        Assert.Equal(expected, Signs(1, port: 443, method: "GET", host: name, isTls: isTls).Any(s => s.Name == SignNames.OwnAddressLookup && s.Weight < 2));

    [Fact]
    public void What_stays_at_home_is_nobodys_business() => Assert.Empty(Signs(9, port: 443, method: "POST", host: "192.0.2.9", server: "192.0.2.9"));

    [Fact]
    public void It_is_told_again_when_there_are_twice_as_many_not_each_time() => Assert.InRange(Signs(1_000, port: 443, method: "GET", host: "www.example.com").Count, 2, 12);

    private static IReadOnlyList<Sign> Signs(int times, ushort port, string method, string host, string agent = "Mozilla/5.0", string server = "203.0.113.5", bool isTls = false)
    {
        var behaviour = new RequestBehaviour(new BehaviourOptions(), new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []));
        var signs = new CollectedSigns();
        for (var i = 0; i < times; i++)
        {
            var flow = new Flow { Source = IpAddr.Parse("192.0.2.7"), Destination = IpAddr.Parse(server), SourcePort = 40_000, DestinationPort = port, Protocol = 6, Start = Timestamp.FromUnixSeconds(1_700_000_000 + i) };
            var observation = new RequestObservation { IsTls = isTls, ServerName = Encoding.ASCII.GetBytes(host), Signature = Encoding.ASCII.GetBytes(agent), Protocol = Encoding.ASCII.GetBytes(method), IsWhole = true };
            behaviour.Heard(flow, observation);
            behaviour.Tick(flow.Start, signs);
        }
        return signs.All;
    }
}
