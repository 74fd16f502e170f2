using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Names;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Names;

public class FastFluxBehaviourTests
{
    private readonly Random _random = new(5);
    private readonly NameTraffic<FastFluxBehaviour> _net = new(new FastFluxBehaviour(new BehaviourOptions { MaxHosts = 1024 }, NameTraffic.Home));

    private IpAddr Anywhere() => IpAddr.V4((uint)_random.NextInt64(0x0100_0000, 0xDF00_0000));

    [Fact]
    public void Notes_a_name_whose_addresses_keep_changing()
    {
        for (var i = 0; i < 6; i++) _net.Answer("www.example.com", addresses: [Anywhere(), Anywhere(), Anywhere()]);
        _net.Wait(TimeSpan.FromSeconds(1));
        var sign = Assert.Single(_net.Signs);
        Assert.Equal((SignNames.FastFlux, _net.Client, false), (sign.Name, sign.Host, sign.Confirmed));
        Assert.InRange(sign.Weight, 0.1, 2);
        Assert.Contains("www.example.com had addresses in about", sign.Because);
    }

    [Fact]
    public void Stays_quiet_about_many_servers_of_one_network()
    {
        for (var i = 0u; i < 50; i++) _net.Answer("www.example.com", addresses: [IpAddr.V4(0xCB00_7100 + i), IpAddr.V4(0xCB00_7200 + i)]);
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Stays_quiet_about_many_networks_that_stay_the_same()
    {
        var addresses = Enumerable.Range(0, 16).Select(_ => Anywhere()).ToArray();
        for (var i = 0; i < 50; i++) _net.Answer("www.example.com", addresses: addresses);
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Stays_quiet_about_names_that_live_long_and_about_pools_that_are_known()
    {
        for (var i = 0; i < 20; i++)
        {
            _net.TimeToLive = 3600;
            _net.Answer("www.example.com", addresses: [Anywhere(), Anywhere()]);
            _net.TimeToLive = 60;
            _net.Answer("0.pool.ntp.org", addresses: [Anywhere(), Anywhere()]);
        }
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }
}
