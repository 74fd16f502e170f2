using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Coap;
using Breakwater.Protocols.Dots;

namespace Breakwater.Tests.Protocols.Dots;

/// <summary>Our client and our server against each other, over a link that loses what it likes.</summary>
public class DotsClientTests : IDotsPolicy, IDotsDirectory
{
    private static readonly DotsWish Wish = new("w1", new DotsScope { TargetPrefixes = [Prefix.Parse("192.0.2.7/32")], TargetProtocols = [17] });

    private readonly DotsServer _server;
    private readonly DotsClient _client;
    private readonly Random _loss = new(7);
    private Timestamp _now = Timestamp.FromUnixSeconds(1_800_000_000);
    private DotsSession? _session;
    private CoapSession? _coap;
    private double _lost;
    private double _lostDown;
    private string? _refusal;

    public DotsClientTests()
    {
        _server = new DotsServer(new DotsServerOptions { MessagesPerMinute = 10_000 }, this, this);
        _client = new DotsClient(new DotsClientSettings("alpha"u8.ToArray(), TimeSpan.FromMinutes(10), ReleaseAfter: TimeSpan.FromSeconds(20)), _now);
    }

    public string? Refuses(DotsDemand demand) => _refusal;
    public DotsScope? Alias(DotsClientProfile client, string cuid, string name) => null;
    public bool Switch(DotsClientProfile client, string cuid, DotsFilterSwitch filter) => false;

    /// <summary>RFC 9132 §4.4.1.1: 22 characters out of the first 16 octets of SHA-256.</summary>
    [Fact]
    public void Derives_its_identifier_from_its_credential()
    {
        Assert.Equal(22, _client.Cuid.Length);
        Assert.Equal(Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("alpha"u8)[..16]).TrimEnd('=').Replace('+', '-').Replace('/', '_'), _client.Cuid);
    }

    [Theory, InlineData(false, 0.0), InlineData(true, 0.0), InlineData(false, 0.5)]
    public void Gets_what_it_wants_keeps_it_alive_and_lets_go(bool reliable, double lost)
    {
        _lost = lost;
        Connect(reliable);
        _client.Want(_now, [Wish]);
        Pass(60);
        Assert.Equal("192.0.2.7/32", Assert.Single(Assert.Single(_server.Demands()).Matches).Destination.ToString());
        Assert.Equal(DotsWishState.Granted, Assert.Single(_client.Status).State);

        _server.Report(_now, _server.Demands()[0].Id, DotsStatus.Mitigated, new DotsEffect(500, 5));
        Pass(200);
        Assert.Equal((DotsStatus.Mitigated, 500ul), (_client.Status[0].Shown!.Status!.Value, _client.Status[0].Shown!.BytesDropped!.Value));

        // Longer than a lifetime: refreshed meanwhile.
        Pass(1500);
        Assert.Single(_server.Demands());

        _client.Want(_now, []);
        Pass(180);
        Assert.Empty(_server.Demands());
        Assert.Empty(_client.Status);
    }

    [Fact]
    public void Says_everything_again_on_a_new_session()
    {
        Connect(reliable: true);
        _client.Want(_now, [Wish]);
        Pass(5);
        _server.Close(_now, _session!, orderly: false);
        _client.Detach();
        // The server has forgotten; the client has not.
        Pass(700);
        Assert.Empty(_server.Demands());

        Connect(reliable: false);
        Pass(5);

        Assert.Single(_server.Demands());
        Assert.Equal(DotsWishState.Granted, Assert.Single(_client.Status).State);
    }

    [Fact]
    public void Lets_go_what_began_at_the_loss_of_the_signal_once_a_session_has_stood_for_a_while_and_has_it_held_again()
    {
        var held = new DotsWish("held", new DotsScope { TargetPrefixes = [Prefix.Parse("192.0.2.0/28")], TriggerMitigation = false });
        Connect(reliable: true);
        _client.Want(_now, [held]);
        Pass(5);
        Assert.Equal(DotsStatus.HeldUntilSignalLoss, Assert.Single(_client.Status).Shown!.Status);

        _server.Close(_now, _session!, orderly: false);
        _client.Detach();
        Assert.Single(_server.Demands());
        Connect(reliable: true);
        Pass(15);
        Assert.Single(_server.Demands());
        Pass(20);
        Assert.Empty(_server.Demands());
        Assert.Equal((DotsWishState.Granted, DotsStatus.HeldUntilSignalLoss), (_client.Status[0].State, _client.Status[0].Shown!.Status));

        _server.Close(_now, _session!, orderly: false);
        Assert.Single(_server.Demands());
    }

    [Fact]
    public void Notices_silence_and_goes_on_sending_meanwhile()
    {
        Connect(reliable: false);
        _client.Want(_now, [Wish]);
        Pass(5);
        // As when an attack fills the link towards us.
        _lostDown = 1;
        Pass(16 * 30 - 40);
        Assert.False(_client.IsSilent(_now));
        Pass(60);
        Assert.True(_client.IsSilent(_now));
        Assert.False(_session!.IsOver);
        _lostDown = 0;
        Pass(35);
        Assert.False(_client.IsSilent(_now));
    }

    [Fact]
    public void Says_why_it_was_refused_and_asks_again()
    {
        _refusal = "owned-prefixes: not ours";
        Connect(reliable: true);
        _client.Want(_now, [Wish]);
        Pass(5);
        Assert.Equal((DotsWishState.Refused, "4.03 owned-prefixes: not ours"), (_client.Status[0].State, _client.Status[0].Problem));

        _refusal = null;
        Pass(65);
        Assert.Equal(DotsWishState.Granted, _client.Status[0].State);
    }

    [Fact]
    public void Takes_another_identifier_when_its_own_is_taken()
    {
        var other = _server.Open(_now, new CoapDatagramSession(new CoapTransmission(), new Random(3)), Profile("other", "198.51.100.0/24"));
        _server.Receive(_now, other, CoapDatagram.Write(new CoapMessage
        {
            Code = CoapCode.Put,
            MessageId = 1,
            Token = new byte[] { 1 },
            Options = [.. new DotsPath(DotsPath.Mitigate, null, _client.Cuid, 1, null).ToOptions(), CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat)],
            Payload = DotsBody.Write(DotsScopeJson.Body(new DotsScope { TargetPrefixes = [Prefix.Parse("198.51.100.1/32")], Lifetime = 3600 })),
        }));
        var before = _client.Cuid;
        Connect(reliable: false);
        _client.Want(_now, [Wish]);
        Pass(10);
        Assert.NotEqual(before, _client.Cuid);
        Assert.Equal(DotsWishState.Granted, _client.Status[0].State);
    }

    [Fact]
    public void Learns_how_many_wishes_stand_even_when_that_takes_several_messages()
    {
        Connect(reliable: false);
        _client.Want(_now, [.. Enumerable.Range(1, 40).Select(i => new DotsWish($"w{i}", new DotsScope { TargetPrefixes = [new Prefix(IpAddr.V4(0xC0000200 + (uint)i), 32)] }))]);
        Pass(60);
        Assert.Equal(40, _server.Demands().Count);
        foreach (var demand in _server.Demands()) _server.Report(_now, demand.Id, DotsStatus.Mitigated, default);
        Pass(40);
        Assert.All(_client.Status, s => Assert.Equal(DotsStatus.Mitigated, s.Shown!.Status));
    }

    [Fact]
    public void Replaces_a_wish_that_has_changed()
    {
        Connect(reliable: true);
        _client.Want(_now, [Wish]);
        Pass(5);
        _client.Want(_now, [Wish with { Scope = Wish.Scope with { TargetProtocols = [6] } }]);
        Pass(5);
        Assert.Equal([6], Assert.Single(_server.Demands()).Matches[0].Protocols);
        Assert.Equal(DotsWishState.Granted, Assert.Single(_client.Status).State);
    }

    [Fact]
    public void Follows_a_redirection_by_name()
    {
        _server.Redirect = new DotsRedirect("alt.example", [], TimeSpan.FromMinutes(5));
        Connect(reliable: true);
        _client.Want(_now, [Wish]);
        Pass(2);
        Assert.Equal("alt.example", _client.Redirect?.Server);
        Assert.Contains("5.03", Assert.Single(_client.Status).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Survives_whatever_a_server_sends()
    {
        Connect(reliable: false);
        _client.Want(_now, [Wish]);
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = CoapDatagram.Write(new CoapMessage { Code = CoapCode.Created, MessageId = (ushort)i, Token = new byte[4], Payload = Encoding.UTF8.GetBytes("x") });
            for (var flips = random.Next(4); flips >= 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _client.Receive(_now, bytes);
        }
        Pass(10);
        Assert.Equal(DotsWishState.Granted, Assert.Single(_client.Status).State);
    }

    private void Connect(bool reliable)
    {
        CoapSession server = reliable ? new CoapStreamSession(65_536, new Random(1)) : new CoapDatagramSession(new CoapTransmission(), new Random(1));
        _coap = reliable ? new CoapStreamSession(65_536, new Random(2)) : new CoapDatagramSession(new CoapTransmission(), new Random(2));
        _session = _server.Open(_now, server, Profile("alpha", "192.0.2.0/24"));
        _client.Attach(_now, _coap);
    }

    private static DotsClientProfile Profile(string name, string prefix) => new(name, [Prefix.Parse(prefix)], new Dictionary<string, IReadOnlyList<Prefix>>());

    private void Pass(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            _server.Tick(_now);
            _client.Tick(_now);
            for (var moved = true; moved;)
            {
                moved = false;
                while (_coap!.TryDequeueOutgoing(out var up))
                {
                    moved = true;
                    if (_loss.NextDouble() >= _lost) _server.Receive(_now, _session!, up);
                }
                while (_session!.Coap.TryDequeueOutgoing(out var down))
                {
                    moved = true;
                    if (_loss.NextDouble() >= Math.Max(_lost, _lostDown)) _client.Receive(_now, down);
                }
            }
        }
    }
}
