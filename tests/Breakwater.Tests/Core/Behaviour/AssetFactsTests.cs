using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour;

public class AssetFactsTests
{
    private static readonly IpAddr Host = IpAddr.Parse("192.0.2.7");
    private readonly BehaviourOptions _options = new() { MaxAssets = 16 };
    private readonly AssetFacts _assets;
    private Timestamp _now = Timestamp.FromUnixSeconds(1_800_000_000);

    public AssetFactsTests() => _assets = new AssetFacts(new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []), _options);

    private void Say(FactKind kind, ReadOnlySpan<byte> value, IpAddr? host = null)
    {
        _now += TimeSpan.FromSeconds(1);
        var flow = new Flow { Start = _now };
        _assets.Heard(flow, new FactObservation { Host = host ?? Host, Kind = kind, Value = value });
    }

    private IReadOnlyList<string> Facts(IpAddr? host = null) =>
        [.. _assets.Find(null, null, 100).Where(a => a.Host == (host ?? Host)).SelectMany(a => a.Facts).Select(f => $"{FactNames.NameOf(f.Kind)} {f.Value}")];

    [Fact]
    public void Keeps_each_fact_once_with_the_times_it_was_said()
    {
        Say(FactKind.DhcpName, "kettle"u8);
        Say(FactKind.DhcpVendor, "MSFT 5.0"u8);
        Say(FactKind.DhcpName, "kettle"u8);
        Assert.Equal(["dhcp-name kettle", "dhcp-vendor MSFT 5.0"], Facts());
        var fact = _assets.Find(null, null, 1)[0].Facts[0];
        Assert.Equal(TimeSpan.FromSeconds(2), fact.LastSeen - fact.FirstSeen);
    }

    [Fact]
    public void Hears_fingerprints_of_clients_of_tls_and_agents_of_http()
    {
        var flow = new Flow { Source = Host, Start = _now };
        _assets.Heard(flow, new RequestObservation { IsTls = true, Signature = "t13d1516h2_8daaf6152771_e5627efa2ab1"u8 });
        _assets.Heard(flow, new RequestObservation { IsTls = false, Signature = "curl/8"u8 });
        _assets.Heard(flow, new RequestObservation { IsTls = false });
        Assert.Equal(["ja4 t13d1516h2_8daaf6152771_e5627efa2ab1", "user-agent curl/8"], Facts());
    }

    [Fact]
    public void Knows_nothing_of_strangers()
    {
        Say(FactKind.DhcpName, "stranger"u8, IpAddr.Parse("198.51.100.1"));
        Assert.Empty(_assets.Find(null, null, 100));
    }

    [Fact]
    public void Shows_nothing_that_a_terminal_or_page_could_take_for_an_order()
    {
        Say(FactKind.DhcpName, [0x1B, (byte)'[', (byte)'2', (byte)'J', 0xFF, (byte)'<']);
        Assert.Equal(["dhcp-name ?[2J?<"], Facts());
    }

    [Fact]
    public void Is_bounded_by_hosts_facts_and_octets()
    {
        for (var i = 0; i < 200; i++)
        {
            Say(FactKind.UserAgent, System.Text.Encoding.ASCII.GetBytes($"agent {i} {new string('x', 500)}"));
            Say(FactKind.Service, System.Text.Encoding.ASCII.GetBytes($"_s{i}"));
            Say(FactKind.DhcpName, "x"u8, IpAddr.V4(0xC000_0200 + (uint)i));
        }
        Assert.Equal(16, _assets.Find(null, null, 1000).Count);
        Assert.True(_assets.Refused > 0);
        var facts = Facts();
        Assert.InRange(facts.Count, 12, AssetFacts.MaxFacts);
        Assert.All(facts, f => Assert.InRange(f.Length, 1, 180));
        // The newest of a kind stays, and a talkative kind leaves the others their room.
        Assert.Contains("service _s199", facts);
        Assert.Contains("dhcp-name x", facts);
    }

    [Fact]
    public void Introduces_a_host_by_its_most_telling_words()
    {
        Assert.Null(_assets.Introduce(Host));
        Say(FactKind.Ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1"u8);
        Assert.Null(_assets.Introduce(Host));
        Say(FactKind.UserAgent, "curl/8"u8);
        Say(FactKind.DhcpName, "kettle"u8);
        Assert.Equal("It says of itself: dhcp-name 'kettle', user-agent 'curl/8'.", _assets.Introduce(Host));
    }

    [Fact]
    public void Finds_by_prefix_and_goes_on_after_an_address()
    {
        for (var i = 1u; i <= 8; i++) Say(FactKind.DhcpName, "x"u8, IpAddr.V4(0xC000_0200 + i));
        Assert.Equal(["192.0.2.3", "192.0.2.4"], _assets.Find(null, IpAddr.Parse("192.0.2.2"), 2).Select(a => a.Host.ToString()));
        Assert.Equal(["192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"], _assets.Find(Prefix.Parse("192.0.2.4/30"), null, 100).Select(a => a.Host.ToString()));
    }

    [Fact]
    public void Allocates_nothing_for_what_it_knows()
    {
        Assert.Equal(0, Allocations.Least(() =>
        {
            Say(FactKind.DhcpName, "kettle"u8);
            return () =>
            {
                for (var i = 0; i < 1000; i++) Say(FactKind.DhcpName, "kettle"u8);
            };
        }));
    }
}
