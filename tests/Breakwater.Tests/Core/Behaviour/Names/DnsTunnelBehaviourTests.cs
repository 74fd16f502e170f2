using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Names;
using Breakwater.Core.Behaviour.Payload;

namespace Breakwater.Tests.Core.Behaviour.Names;

public class DnsTunnelBehaviourTests
{
    private readonly Random _random = new(4);
    private readonly DnsTunnelBehaviour _behaviour = new(new BehaviourOptions { MaxHosts = 1024 }, NameTraffic.Home);
    private readonly NameTraffic<DnsTunnelBehaviour> _net;

    public DnsTunnelBehaviourTests() => _net = new(_behaviour);

    private string Drawn(int letters, string alphabet = "abcdefghijklmnopqrstuvwxyz234567") => string.Concat(Enumerable.Range(0, letters).Select(_ => alphabet[_random.Next(alphabet.Length)]));

    private string Base64(int letters) => Drawn(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    [Theory]
    [InlineData("abcdefghijklmnopqrstuvwxyz234567"), InlineData("0123456789abcdef")]
    public void Says_that_data_goes_out_in_names(string alphabet)
    {
        for (var i = 0; i < 60; i++)
        {
            _net.Ask(Drawn(40, alphabet) + ".t.example.com", DnsNames.Txt);
            _net.Wait(TimeSpan.FromSeconds(1));
        }
        var sign = _net.Signs[0];
        Assert.Equal((SignNames.DnsTunnel, _net.Client, true), (sign.Name, sign.Host, sign.Confirmed));
        Assert.Contains("below example.com", sign.Because);
        Assert.InRange(sign.Inputs.Single(i => i.Key == "octets-out").Value, 1024, 1100);
    }

    [Fact]
    public void Says_it_of_a_slow_tunnel_within_the_hour()
    {
        // Ozery's slowest: 0.7 octets a second.
        for (var i = 0; i < 110; i++)
        {
            _net.Ask(Drawn(36) + ".example.com");
            _net.Wait(TimeSpan.FromSeconds(32));
        }
        Assert.NotEmpty(_net.Signs);
    }

    [Fact]
    public void Says_that_orders_come_in_by_txt()
    {
        for (var i = 0; i < 10; i++)
        {
            _net.Ask($"l.{i}.example.com", DnsNames.Txt);
            _net.Answer($"l.{i}.example.com", DnsNames.Txt, text: Base64(200));
        }
        _net.Wait(TimeSpan.FromSeconds(1));
        var sign = Assert.Single(_net.Signs);
        Assert.Equal((SignNames.DnsTextC2, true), (sign.Name, sign.Confirmed));
        Assert.Contains("from example.com", sign.Because);
    }

    [Fact]
    public void Stays_quiet_about_policies_keys_and_proofs_by_txt()
    {
        for (var i = 0; i < 50; i++)
        {
            _net.Answer($"s{i}._domainkey.example.com", DnsNames.Txt, text: "v=DKIM1; k=rsa; p=" + Base64(200));
            _net.Answer($"m{i}.example.com", DnsNames.Txt, text: "v=spf1 include:_spf.example.net include:mail.example.org ip4:192.0.2.0/24 -all");
            _net.Answer($"2.dnscrypt-cert.r{i}.example.net", DnsNames.Txt, text: "DNSC" + new string('\u0080', 120));
            _net.Answer($"{i}.origin.example.org", DnsNames.Txt, text: $"64500 | 192.0.2.{i}/24 | ZZ | registry | 2026-01-01 and so on");
        }
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Stays_quiet_about_the_same_text_fetched_again_and_again()
    {
        var text = Base64(250);
        for (var i = 0; i < 500; i++) _net.Answer("config.example.com", DnsNames.Txt, text: text);
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Stays_quiet_about_ordinary_hosts_of_one_large_site()
    {
        string[] words = ["news", "photo", "static", "images", "users", "mail", "video", "maps", "search", "market", "forum", "archive", "cdn", "login", "shop"];
        foreach (var first in words)
            foreach (var second in words)
                foreach (var type in (ushort[])[DnsNames.A, DnsNames.Aaaa])
                {
                    _net.Ask($"{first}-{second}.example.com", type);
                    _net.Answer($"{first}-{second}.example.com", type);
                }
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Stays_quiet_about_reputation_asked_by_names_and_about_content_delivery()
    {
        for (var i = 0; i < 500; i++)
        {
            _net.Ask(Drawn(40) + ".avqs.mcafee.com");
            _net.Ask(Drawn(14) + ".cloudfront.net");
            _net.Ask(Drawn(32, "0123456789abcdef") + ".ip6.arpa");
        }
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Counts_a_name_once_however_often_it_is_asked_for()
    {
        var names = Enumerable.Range(0, 15).Select(_ => Drawn(30) + ".example.com").ToArray();
        for (var i = 0; i < 1000; i++) _net.Ask(names[i % names.Length]);
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Starts_anew_after_an_hour()
    {
        for (var i = 0; i < 200; i++)
        {
            _net.Ask(Drawn(30) + ".example.com");
            _net.Wait(TimeSpan.FromMinutes(2));
        }
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Does_not_blame_a_resolver_for_what_others_ask()
    {
        _net.Answer("www.example.com");
        _net.Client = NameTraffic<DnsTunnelBehaviour>.Resolver;
        for (var i = 0; i < 100; i++) _net.Ask(Drawn(40) + ".example.com", DnsNames.Txt);
        _net.Wait(TimeSpan.FromSeconds(1));
        Assert.Empty(_net.Signs);
    }

    [Fact]
    public void Allocates_nothing_for_ordinary_questions()
    {
        byte[] name = [.. "images-static.example.com"u8];
        Assert.Equal(0, Allocations.Least(() => () =>
        {
            for (var i = 0; i < 1000; i++) _net.Fail(name, NameTraffic<DnsTunnelBehaviour>.Resolver);
        }));
    }
}
