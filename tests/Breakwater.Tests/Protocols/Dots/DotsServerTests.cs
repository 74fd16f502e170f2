using System.Text;
using System.Text.Json.Nodes;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Coap;
using Breakwater.Protocols.Dots;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Dots;

public class DotsServerTests
{
    private const string Attacked = """{"target-prefix":["192.0.2.7/32"],"target-protocol":[17],"target-port-range":[{"lower-port":53}],"lifetime":3600}""";
    private const string Held = """{"target-prefix":["192.0.2.0/24"],"lifetime":3600,"trigger-mitigation":false}""";

    private readonly DotsNetwork _net = new();

    [Theory, InlineData(false), InlineData(true)]
    public void Grants_a_request_and_demands_mitigation_of_its_scope(bool reliable)
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha, reliable);

        var answer = _net.Put(peer, 123, Attacked);

        Assert.Equal(CoapCode.Created, answer.Code);
        Assert.Equal((123u, 3600L), (DotsNetwork.Scope(answer).Mid!.Value, DotsNetwork.Scope(answer).Lifetime!.Value));
        var demand = Assert.Single(_net.Server.Demands());
        Assert.Equal(_net.Now + TimeSpan.FromHours(1), demand.Expires);
        var match = Assert.Single(demand.Matches);
        Assert.Equal((Prefix.Parse("192.0.2.7/32"), new ValueRange(53, 53)), (match.Destination!.Value, Assert.Single(match.DestinationPorts)));
        Assert.Equal([17], match.Protocols);
        Assert.Equal(DotsStatus.InProgress, _net.Get(peer, 123).Status);
    }

    [SharedDataFact("vectors/dots")]
    public void Grants_the_standards_own_example()
    {
        var example = JsonNode.Parse(File.ReadAllText(SharedData.Path("vectors", "dots", "rfc", "rfc9132-02.json")))!["body"]!;
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(CoapCode.Created, _net.Ask(peer, CoapCode.Put, $"mitigate/cuid={DotsNetwork.Cuid}/mid=123", example.ToJsonString()).Code);
        Assert.Equal(2, Assert.Single(_net.Server.Demands()).Matches.Count);
    }

    [Theory]
    [InlineData("""{"target-prefix":["198.51.100.7/32"],"lifetime":60}""", "not within the prefixes")]
    [InlineData("""{"target-prefix":["192.0.0.0/16"],"lifetime":60}""", "not within the prefixes")]
    [InlineData("""{"target-prefix":["127.0.0.1/32"],"lifetime":60}""", "loopback")]
    [InlineData("""{"target-prefix":["224.0.0.5/32"],"lifetime":60}""", "multicast")]
    [InlineData("""{"target-prefix":["192.0.2.1/24"],"lifetime":60}""", "not a prefix")]
    [InlineData("""{"target-prefix":["192.0.2.7/32"]}""", "lifetime is missing")]
    [InlineData("""{"target-prefix":["192.0.2.7/32"],"lifetime":0}""", "lifetime of 0")]
    [InlineData("""{"target-protocol":[6],"lifetime":60}""", "is needed")]
    [InlineData("""{"target-prefix":[],"lifetime":60}""", "empty")]
    [InlineData("""{"target-prefix":["192.0.2.7/32"],"lifetime":60,"mid":5}""", "only a server says")]
    [InlineData("""{"target-prefix":["192.0.2.7/32"],"lifetime":60,"status":2}""", "only a server says")]
    [InlineData("""{"target-prefix":["192.0.2.7/32"],"target-port-range":[{"lower-port":9,"upper-port":8}],"lifetime":60}""", "no range")]
    [InlineData("""{"target-prefix":["192.0.2.7/32"],"target-protocol":[256],"lifetime":60}""", "out of range")]
    [InlineData("""{"alias-name":["nobody"],"lifetime":60}""", "no alias")]
    [InlineData("""{"target-fqdn":["www.example.org"],"lifetime":60}""", "no addresses")]
    [InlineData("""{"target-prefix":["192.0.2.7/32"],"lifetime":60},{"target-prefix":["192.0.2.8/32"],"lifetime":60}""", "exactly one scope")]
    public void Refuses_what_it_may_not_grant_and_says_why(string scope, string reason)
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        var answer = _net.Put(peer, 1, scope);
        Assert.Equal(CoapCode.BadRequest, answer.Code);
        Assert.Contains(reason, Encoding.UTF8.GetString(answer.Payload.Span), StringComparison.Ordinal);
        Assert.Empty(_net.Server.Demands());
    }

    [Fact]
    public void Never_demands_what_lies_outside_a_clients_prefixes() =>
        Prop.ForAll<uint, byte>((address, length) =>
        {
            var net = new DotsNetwork();
            var (_, peer) = net.Open(DotsNetwork.Alpha);
            var prefix = new Prefix(IpAddr.V4(address % 2 == 0 ? address : 0xC0000200 | address & 0x1FF), length % 33);
            net.Put(peer, 1, $$"""{"target-prefix":["{{prefix}}"],"lifetime":60}""");
            return net.Server.Demands().SelectMany(d => d.Matches).All(m => DotsNetwork.Alpha.Prefixes.Any(own => own.Contains(m.Destination!.Value)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Names_the_rail_that_refuses()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Refusal = "never-touch: 192.0.2.7 is a name server";
        var answer = _net.Put(peer, 1, Attacked);
        Assert.Equal((CoapCode.Forbidden, _net.Refusal), (answer.Code, Encoding.UTF8.GetString(answer.Payload.Span)));
        Assert.Empty(_net.Server.Demands());
    }

    [Fact]
    public void Takes_aliases_names_and_uris_for_their_addresses()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(CoapCode.Created, _net.Put(peer, 1, """{"alias-name":["web"],"target-fqdn":["WWW.example.net."],"target-uri":["https://[2001:db8:6401::9]:8443/x"],"lifetime":60}""").Code);
        var matches = Assert.Single(_net.Server.Demands()).Matches;
        Assert.Equal(["192.0.2.80/32", "192.0.2.7/32", "2001:db8:6401::9/128"], matches.Select(m => m.Destination.ToString()!));
        Assert.All(matches, m => Assert.Equal([443, 8443], m.DestinationPorts.Select(p => p.From)));
    }

    [Fact]
    public void Refreshes_a_request_that_is_repeated_and_refuses_one_that_is_not()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Attacked);
        _net.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal(1800, _net.Get(peer, 1).Lifetime);

        Assert.Equal(CoapCode.Changed, _net.Put(peer, 1, Attacked.Replace("3600", "7200", StringComparison.Ordinal)).Code);
        Assert.Equal(7200, _net.Get(peer, 1).Lifetime);
        Assert.Equal(CoapCode.BadRequest, _net.Put(peer, 1, Attacked.Replace("53", "54", StringComparison.Ordinal)).Code);
    }

    [Fact]
    public void Ends_a_request_at_the_end_of_its_lifetime()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Attacked);
        _net.Pass(TimeSpan.FromSeconds(3599));
        Assert.Single(_net.Server.Demands());
        _net.Pass(TimeSpan.FromSeconds(2));
        Assert.Empty(_net.Server.Demands());
        _net.Pass(TimeSpan.FromSeconds(15));
        Assert.Equal(CoapCode.NotFound, _net.Ask(peer, CoapCode.Get, $"mitigate/cuid={DotsNetwork.Cuid}/mid=1").Code);
    }

    [Theory, InlineData(-1), InlineData(4_000_000_000)]
    public void Grants_no_longer_life_than_it_may(long lifetime)
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        var answer = _net.Put(peer, 1, Attacked.Replace("3600", lifetime.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Assert.Equal(6 * 3600, DotsNetwork.Scope(answer).Lifetime);
    }

    [Fact]
    public void Goes_on_for_a_while_after_a_withdrawal_and_longer_when_the_client_changes_its_mind()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Attacked);
        Assert.Equal(CoapCode.Deleted, Delete(peer, 1).Code);
        Assert.Equal(DotsStatus.Terminating, _net.Get(peer, 1).Status);
        _net.Pass(TimeSpan.FromSeconds(100));
        Assert.Single(_net.Server.Demands());

        Assert.Equal(CoapCode.Changed, _net.Put(peer, 1, Attacked).Code);
        Delete(peer, 1);
        _net.Pass(TimeSpan.FromSeconds(235));
        Assert.Single(_net.Server.Demands());
        _net.Pass(TimeSpan.FromSeconds(10));
        Assert.Empty(_net.Server.Demands());
        Assert.Equal(CoapCode.Deleted, Delete(peer, 1).Code);
    }

    [Fact]
    public void Lets_a_newer_request_of_the_same_client_replace_an_older_one_and_not_the_reverse()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 5, Attacked);
        Assert.Equal(CoapCode.Created, _net.Put(peer, 6, """{"target-prefix":["192.0.2.0/28"],"lifetime":60}""").Code);
        Assert.Equal("192.0.2.0/28", Assert.Single(_net.Server.Demands()).Matches[0].Destination.ToString());

        var late = _net.Put(peer, 4, Attacked);

        Assert.Equal(CoapCode.Conflict, late.Code);
        var conflict = DotsNetwork.Scope(late).Conflict!;
        Assert.Equal((DotsConflictCause.OverlappingTargets, 6u, "192.0.2.7/32"), (conflict.Cause, conflict.Mid!.Value, Assert.Single(conflict.Prefixes!).ToString()));
    }

    [Fact]
    public void Tells_another_client_with_what_it_conflicts_and_for_how_long()
    {
        var (_, alpha) = _net.Open(DotsNetwork.Alpha);
        var (_, beta) = _net.Open(DotsNetwork.Beta);
        _net.Put(alpha, 1, """{"target-prefix":["192.0.2.200/32"],"lifetime":600}""");
        _net.Pass(TimeSpan.FromSeconds(100));

        var answer = _net.Put(beta, 1, """{"target-prefix":["192.0.2.192/26"],"lifetime":600}""", "another-cuid-of-22-char");

        Assert.Equal(CoapCode.Conflict, answer.Code);
        var conflict = DotsNetwork.Scope(answer).Conflict!;
        Assert.Equal((DotsConflictStatus.RequestInactive, DotsConflictCause.OverlappingTargets, 500u, "192.0.2.200/32"),
            (conflict.Status, conflict.Cause, conflict.RetryTimer, Assert.Single(conflict.Prefixes!).ToString()));
        Assert.Single(_net.Server.Demands());
    }

    [Fact]
    public void Keeps_a_cuid_for_the_client_that_used_it_first()
    {
        var (_, alpha) = _net.Open(DotsNetwork.Alpha);
        var (_, beta) = _net.Open(DotsNetwork.Beta);
        _net.Put(alpha, 1, Attacked);

        var answer = _net.Put(beta, 1, """{"target-prefix":["198.51.100.1/32"],"lifetime":60}""");

        Assert.Equal(CoapCode.Conflict, answer.Code);
        Assert.Equal(new DotsConflict(DotsConflictCause.CuidCollision) { Prefixes = DotsNetwork.Scope(answer).Conflict!.Prefixes }, DotsNetwork.Scope(answer).Conflict);
        Assert.Equal(CoapCode.BadRequest, _net.Put(alpha, 2, Attacked, "a-new-one").Code);
        Assert.Equal(CoapCode.Conflict, _net.Ask(beta, CoapCode.Get, $"mitigate/cuid={DotsNetwork.Cuid}").Code);
        Assert.Equal(CoapCode.Conflict, Delete(beta, 1).Code);
        Assert.Single(_net.Server.Demands());
    }

    [Fact]
    public void Ignores_whom_a_client_says_it_asks_for_unless_it_is_a_gateway()
    {
        var (_, alpha) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(CoapCode.Created, _net.Ask(alpha, CoapCode.Put, $"mitigate/cdid=x/cuid={DotsNetwork.Cuid}/mid=1", DotsNetwork.Body(Attacked)).Code);
        Assert.Equal(1u, _net.Get(alpha, 1).Mid);

        var net = new DotsNetwork();
        var (_, gateway) = net.Open(DotsNetwork.Alpha with { IsGateway = true });
        foreach (var cuid in new[] { "one", "two" })
            Assert.Equal(CoapCode.Created, net.Ask(gateway, CoapCode.Put, $"mitigate/cdid=x/cuid={cuid}/mid=1", DotsNetwork.Body(Attacked.Replace(".7/", cuid == "one" ? ".7/" : ".8/", StringComparison.Ordinal))).Code);
        Assert.Equal(CoapCode.NotFound, net.Ask(gateway, CoapCode.Get, "mitigate/cuid=one/mid=1").Code);
    }

    [Fact]
    public void Begins_what_was_held_when_the_signal_is_lost_and_not_before()
    {
        var (session, peer) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(CoapCode.Created, _net.Put(peer, 1, Held).Code);
        _net.Pass(TimeSpan.FromHours(0.5));
        Assert.Empty(_net.Server.Demands());
        Assert.True(session.HeartbeatsSent > 50);

        _net.IsCut = true;
        // 30 s, 15 may be missed.
        _net.Pass(TimeSpan.FromSeconds(16 * 30 - 40));
        Assert.Empty(_net.Server.Demands());
        _net.Pass(TimeSpan.FromSeconds(50));

        Assert.Equal("192.0.2.0/24", Assert.Single(_net.Server.Demands()).Matches[0].Destination.ToString());
        Assert.True(session.IsOver);
        // Recovery of the channel is no reason to stop (RFC 9132 §4.4.4).
        _net.IsCut = false;
        var (_, again) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(DotsStatus.InProgress, _net.Get(again, 1).Status);
    }

    [Fact]
    public void Holds_on_when_the_client_says_good_bye_or_has_another_session()
    {
        var (one, peer) = _net.Open(DotsNetwork.Alpha);
        var (two, other) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Held);
        _net.Get(other, 1);
        _net.Server.Close(_net.Now, one, orderly: false);
        Assert.Empty(_net.Server.Demands());
        _net.Server.Close(_net.Now, two, orderly: true);
        Assert.Empty(_net.Server.Demands());
    }

    [Fact]
    public void Puts_what_was_held_in_place_of_requests_it_overlaps_when_the_signal_is_lost()
    {
        var (session, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Held);
        Assert.Equal(CoapCode.Created, _net.Put(peer, 2, Attacked).Code);
        _net.Server.Close(_net.Now, session, orderly: false);
        Assert.EndsWith("/1", Assert.Single(_net.Server.Demands()).Id, StringComparison.Ordinal);
    }

    [Fact]
    public void Lets_an_immediate_request_take_over_from_one_that_was_held()
    {
        var (session, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Held);
        _net.Server.Close(_net.Now, session, orderly: false);
        var (_, again) = _net.Open(DotsNetwork.Alpha);

        _net.Put(again, 2, Attacked);

        Assert.Equal(DotsStatus.WithdrawnByServer, _net.Get(again, 1).Status);
        Assert.EndsWith("/2", Assert.Single(_net.Server.Demands()).Id, StringComparison.Ordinal);
        _net.Pass(TimeSpan.FromSeconds(125));
        Assert.Equal(DotsStatus.HeldUntilSignalLoss, _net.Get(again, 1).Status);
    }

    [Fact]
    public void Lets_a_request_that_is_said_again_after_the_loss_take_over_from_one_that_was_held()
    {
        var (session, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Held);
        _net.Put(peer, 2, Attacked);
        _net.Server.Close(_net.Now, session, orderly: false);
        Assert.EndsWith("/1", Assert.Single(_net.Server.Demands()).Id, StringComparison.Ordinal);
        var (_, again) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(CoapCode.Changed, _net.Put(again, 2, Attacked).Code);
        Assert.EndsWith("/2", Assert.Single(_net.Server.Demands()).Id, StringComparison.Ordinal);
        Assert.Equal(DotsStatus.WithdrawnByServer, _net.Get(again, 1).Status);
    }

    [Fact]
    public void Tells_those_who_observe_of_each_change_and_reminds_them()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Attacked);
        Assert.NotNull(_net.Ask(peer, CoapCode.Get, $"mitigate/cuid={DotsNetwork.Cuid}/mid=1", null, CoapOption.Uint(CoapOptions.Observe, 0)).Uint(CoapOptions.Observe));
        _net.Pass(TimeSpan.FromSeconds(5));
        Assert.Empty(Statuses());

        _net.Server.Report(_net.Now, Assert.Single(_net.Server.Demands()).Id, DotsStatus.Mitigated, new DotsEffect(1000, 10));
        _net.Pass(TimeSpan.FromSeconds(4));
        var told = DotsNetwork.Scope(Assert.Single(_net.Seen, m => m.Code == CoapCode.Content));
        Assert.Equal((DotsStatus.Mitigated, 1000ul, 10ul), (told.Status, told.BytesDropped, told.PacketsDropped));

        _net.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal([DotsStatus.Mitigated, DotsStatus.Mitigated, DotsStatus.Mitigated], Statuses());
        Delete(peer, 1);
        _net.Pass(TimeSpan.FromSeconds(140));
        Assert.Contains(DotsStatus.Terminating, Statuses());
        Assert.Equal(DotsStatus.Terminated, Statuses()[^1]);
    }

    [Fact]
    public void Stops_telling_who_asks_it_to_or_resets()
    {
        foreach (var byReset in new[] { false, true })
        {
            var net = new DotsNetwork();
            var (session, peer) = net.Open(DotsNetwork.Alpha);
            net.Put(peer, 1, Attacked);
            var path = $"mitigate/cuid={DotsNetwork.Cuid}/mid=1";
            var registered = net.Ask(peer, CoapCode.Get, path, null, CoapOption.Uint(CoapOptions.Observe, 0));
            if (byReset) peer.Forget(registered.Token);
            else session.Coap.Receive(net.Now, CoapDatagram.Write(new CoapMessage
            {
                Code = CoapCode.Get,
                MessageId = 999,
                Token = registered.Token,
                Options = [CoapOption.Uint(CoapOptions.Observe, 1), .. $".well-known/dots/{path}".Split('/').Select(s => CoapOption.Text(CoapOptions.UriPath, s))],
            }));
            net.Pass(TimeSpan.FromSeconds(32));
            var before = net.Server.Counters.Notifications;
            net.Pass(TimeSpan.FromMinutes(5));
            Assert.Equal(before, net.Server.Counters.Notifications);
        }
    }

    [Fact]
    public void Shows_configuration_or_state_alone_when_asked_to()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Attacked);
        var path = $"mitigate/cuid={DotsNetwork.Cuid}/mid=1";
        var state = DotsNetwork.Scope(_net.Ask(peer, CoapCode.Get, path, null, CoapOption.Text(CoapOptions.UriQuery, "c=n")));
        var configuration = DotsNetwork.Scope(_net.Ask(peer, CoapCode.Get, path, null, CoapOption.Text(CoapOptions.UriQuery, "c=c")));
        Assert.Empty(state.TargetPrefixes);
        Assert.Equal((DotsStatus.InProgress, 1_800_000_000ul), (state.Status, state.MitigationStart));
        Assert.Single(configuration.TargetPrefixes);
        Assert.Null(configuration.Status);
    }

    [Fact]
    public void Sends_a_long_list_in_blocks()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        for (var i = 0u; i < 40; i++) _net.Put(peer, i, $$"""{"target-prefix":["192.0.2.{{i}}/32"],"lifetime":3600}""");
        var assembly = new BlockAssembly(65_536, 1);
        ReadOnlyMemory<byte> whole;
        for (var number = 0; ; number++)
        {
            var piece = _net.Ask(peer, CoapCode.Get, $"mitigate/cuid={DotsNetwork.Cuid}", null, new CoapBlock(number, false, 5).ToOption(CoapOptions.Block2));
            Assert.True(piece.TryOption(CoapOptions.ETag, out _));
            var block = CoapBlock.Of(piece, CoapOptions.Block2, reliable: false, out _)!.Value;
            if (assembly.Add(_net.Now, "", block, piece.Payload.Span, out whole) is null) break;
        }
        DotsBody.Read(whole.Span, out var body, out _);
        Assert.Equal(40, DotsScopeJson.Read(body, out _).Count);
    }

    [Fact]
    public void Takes_an_efficacy_update_and_ignores_one_that_comes_too_late()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Put(peer, 1, Attacked);
        var update = DotsNetwork.Body(Attacked.Replace("\"lifetime\":3600", "\"attack-status\":\"under-attack\"", StringComparison.Ordinal));
        var ifMatch = new CoapOption(CoapOptions.IfMatch, default);
        Assert.Equal(CoapCode.Changed, _net.Ask(peer, CoapCode.Put, $"mitigate/cuid={DotsNetwork.Cuid}/mid=1", update, ifMatch).Code);
        Assert.Equal(DotsAttackStatus.UnderAttack, Assert.Single(_net.Server.Demands()).AttackStatus);

        peer.Request(_net.Now, new CoapMessage
        {
            Code = CoapCode.Put,
            Options = [ifMatch, .. new DotsPath(DotsPath.Mitigate, null, DotsNetwork.Cuid, 9, null).ToOptions(), CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat)],
            Payload = DotsBody.Write(DotsBodyTests.Parse(update)),
        }, confirmable: true, TimeSpan.FromSeconds(5));
        _net.Exchange();
        Assert.Empty(_net.Seen);
    }

    [Fact]
    public void Answers_heartbeats_and_sends_its_own()
    {
        var (session, peer) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(CoapCode.Changed, _net.Ask(peer, CoapCode.Put, "hb", """{"ietf-dots-signal-channel:heartbeat":{"peer-hb-status":true}}""").Code);
        Assert.Equal(CoapCode.BadRequest, _net.Ask(peer, CoapCode.Put, "hb/cuid=x", """{"ietf-dots-signal-channel:heartbeat":{"peer-hb-status":true}}""").Code);
        Assert.Equal(CoapCode.BadRequest, _net.Ask(peer, CoapCode.Put, "hb", """{"mid":1}""").Code);
        Assert.Equal(CoapCode.MethodNotAllowed, _net.Ask(peer, CoapCode.Get, "hb").Code);
        _net.Pass(TimeSpan.FromSeconds(95));
        Assert.Equal((1, 3), (session.HeartbeatsReceived, session.HeartbeatsSent));
    }

    [Fact]
    public void Keeps_a_session_whose_client_still_sends_though_nothing_reaches_it()
    {
        var (session, peer) = _net.Open(DotsNetwork.Alpha);
        for (var i = 0; i < 60; i++)
        {
            _net.Pass(TimeSpan.FromSeconds(30), answering: false);
            peer.Request(_net.Now, DotsHeartbeat.Request(peerIsHeard: false), confirmable: false, TimeSpan.FromSeconds(5));
        }
        Assert.False(session.IsOver);
        Assert.True(session.HeartbeatsMissing > 15);
    }

    [Fact]
    public void Configures_a_session_within_what_is_acceptable()
    {
        var (session, peer) = _net.Open(DotsNetwork.Alpha);
        const string wish = """{"ietf-dots-signal-channel:signal-config":{"mitigating-config":{"heartbeat-interval":{"current-value":60}},"idle-config":{"heartbeat-interval":{"current-value":0},"ack-timeout":{"current-value-decimal":"3.50"}}}}""";
        Assert.Equal(CoapCode.Created, _net.Ask(peer, CoapCode.Put, "config/sid=7", wish).Code);
        Assert.Equal(CoapCode.Changed, _net.Ask(peer, CoapCode.Put, "config/sid=7", wish).Code);
        Assert.Equal(CoapCode.BadRequest, _net.Ask(peer, CoapCode.Put, "config/sid=6", wish).Code);
        Assert.Equal(CoapCode.BadRequest, _net.Ask(peer, CoapCode.Put, "config", wish).Code);
        Assert.Equal(CoapCode.UnprocessableEntity, _net.Ask(peer, CoapCode.Put, "config/sid=8", wish.Replace("60", "241", StringComparison.Ordinal)).Code);
        Assert.Equal(CoapCode.BadRequest, _net.Ask(peer, CoapCode.Put, "config/sid=8", """{"ietf-dots-signal-channel:signal-config":{"idle-config":{"lifetime":5}}}""").Code);

        var shown = _net.Ask(peer, CoapCode.Get, "config/sid=7");
        Assert.NotNull(shown.Uint(CoapOptions.MaxAge));
        DotsBody.Read(shown.Payload.Span, out var body, out _);
        var idle = body["ietf-dots-signal-channel:signal-config"]!["idle-config"]!;
        Assert.Equal((0, 15, "3.50", "30.00"), ((long)idle["heartbeat-interval"]!["current-value"]!, (long)idle["heartbeat-interval"]!["min-value"]!,
            (string)idle["ack-timeout"]!["current-value-decimal"]!, (string)idle["ack-timeout"]!["max-value-decimal"]!));

        // Idle: no heartbeats, so silence proves nothing.
        _net.IsCut = true;
        _net.Pass(TimeSpan.FromHours(1));
        Assert.Equal((0, false), (session.HeartbeatsSent, session.IsOver));
        _net.IsCut = false;
        Assert.Equal(CoapCode.Deleted, _net.Ask(peer, CoapCode.Delete, "config/sid=7").Code);
        Assert.Equal(CoapCode.NotFound, _net.Ask(peer, CoapCode.Get, "config/sid=7").Code);
    }

    [Theory, InlineData(15, CoapCode.UnprocessableEntity), InlineData(2, CoapCode.Created)]
    public void Takes_heartbeats_as_often_as_it_is_configured_to(int least, CoapCode expected)
    {
        var net = new DotsNetwork(new DotsServerOptions { MinHeartbeatInterval = TimeSpan.FromSeconds(least), MessagesPerMinute = 10_000 });
        var (session, peer) = net.Open(DotsNetwork.Alpha);
        const string half = """{"heartbeat-interval":{"current-value":2},"missing-hb-allowed":{"current-value":3}}""";
        Assert.Equal(expected, net.Ask(peer, CoapCode.Put, "config/sid=1", $$"""{"ietf-dots-signal-channel:signal-config":{"mitigating-config":{{half}},"idle-config":{{half}} } }""").Code);
        net.IsCut = true;
        net.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(expected == CoapCode.Created, session.IsOver);
    }

    [SharedDataFact("vectors/dots")]
    public void Accepts_the_session_configuration_of_the_standards_example_and_shows_what_figure_20_shows()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        JsonNode Example(string name) => JsonNode.Parse(File.ReadAllText(SharedData.Path("vectors", "dots", "rfc", name)))!["body"]!;

        DotsBody.Read(_net.Ask(peer, CoapCode.Get, "config").Payload.Span, out var shown, out _);
        var figure20 = Example("rfc9132-08.json").AsObject();
        foreach (var half in new[] { "mitigating-config", "idle-config" })
            // Figure 20 shows a probing rate of 15; 5 is what the text recommends.
            figure20["ietf-dots-signal-channel:signal-config"]![half]!["probing-rate"]!["current-value"] = 5;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(figure20.ToJsonString()), JsonNode.Parse(shown.ToJsonString())));
        Assert.Equal(CoapCode.Created, _net.Ask(peer, CoapCode.Put, "config/sid=123", Example("rfc9132-10.json").ToJsonString()).Code);
    }

    [Fact]
    public void Switches_filters_with_a_request()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        const string scope = """{"target-prefix":["192.0.2.7/32"],"lifetime":60,"ietf-dots-signal-control:acl-list":[{"acl-name":"known","activation-type":"immediate"}]}""";
        Assert.Equal(CoapCode.Created, _net.Put(peer, 1, scope).Code);
        Assert.Equal(new DotsFilterSwitch("known", DotsActivation.Immediate), Assert.Single(_net.Switched));
        Assert.Equal(CoapCode.BadRequest, _net.Put(peer, 2, scope.Replace("known", "unknown", StringComparison.Ordinal)).Code);
    }

    [Fact]
    public void Stops_sources_of_ours_when_an_upstream_calls_home_about_them()
    {
        var (_, peer) = _net.Open(DotsNetwork.Home);
        const string scope = """{"target-prefix":["2001:db8:c000::/128"],"ietf-dots-call-home:source-prefix":["2001:db8:123::1/128"],"lifetime":3600}""";
        Assert.Equal(CoapCode.Created, _net.Put(peer, 56, scope).Code);
        var match = Assert.Single(Assert.Single(_net.Server.Demands()).Matches);
        Assert.Equal(("2001:db8:c000::/128", "2001:db8:123::1/128"), (match.Destination.ToString(), match.Source.ToString()));

        Assert.Equal(CoapCode.BadRequest, _net.Put(peer, 57, scope.Replace("123::1", "124::1", StringComparison.Ordinal)).Code);
        Assert.Equal(CoapCode.BadRequest, _net.Put(peer, 57, """{"target-prefix":["2001:db8:c000::/128"],"lifetime":3600}""").Code);
        Assert.Equal(CoapCode.BadRequest, _net.Put(peer, 57, scope.Replace("3600", "3600,\"trigger-mitigation\":false", StringComparison.Ordinal)).Code);
    }

    [Fact]
    public void Tells_an_upstream_that_what_it_calls_an_attack_is_legitimate_and_goes_nowhere_at_its_word()
    {
        var (_, peer) = _net.Open(DotsNetwork.Home);
        _net.Put(peer, 56, """{"target-prefix":["2001:db8:c000::/128"],"ietf-dots-call-home:source-prefix":["2001:db8:123::1/128"],"lifetime":3600}""");
        _net.Server.Report(_net.Now, Assert.Single(_net.Server.Demands()).Id, DotsStatus.WithdrawnByServer, default, new DotsConflict(DotsConflictCause.LegitimateTraffic));
        var shown = _net.Get(peer, 56);
        Assert.Equal((DotsStatus.WithdrawnByServer, DotsConflictCause.LegitimateTraffic), (shown.Status!.Value, shown.Conflict!.Cause));

        const string elsewhere = """{"ietf-dots-signal-channel:redirected-signal":{"ietf-dots-call-home:alt-ch-client":"alt.example"}}""";
        Assert.Equal(CoapCode.BadRequest, _net.Ask(peer, CoapCode.Put, $"redirect/cuid={DotsNetwork.Cuid}/mid=1", elsewhere).Code);
    }

    [Fact]
    public void Sends_clients_elsewhere_when_told_to()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        _net.Server.Redirect = new DotsRedirect("alt-server.example", [IpAddr.Parse("2001:db8:6401::1")], TimeSpan.FromMinutes(10));
        var answer = _net.Put(peer, 1, Attacked);
        Assert.Equal(CoapCode.ServiceUnavailable, answer.Code);
        var read = DotsRedirect.Of(answer)!;
        Assert.Equal(("alt-server.example", "2001:db8:6401::1", 600.0), (read.Server, Assert.Single(read.Addresses).ToString(), read.Ttl.TotalSeconds));
    }

    [Fact]
    public void Bounds_what_one_client_may_ask()
    {
        var net = new DotsNetwork(new DotsServerOptions { MaxRequestsPerClient = 3, MessagesPerMinute = 10 });
        var (_, peer) = net.Open(DotsNetwork.Alpha);
        for (var i = 0u; i < 3; i++) Assert.Equal(CoapCode.Created, net.Put(peer, i, $$"""{"target-prefix":["192.0.2.{{i}}/32"],"lifetime":60}""").Code);
        Assert.Equal(CoapCode.ServiceUnavailable, net.Put(peer, 9, Attacked).Code);
        for (var i = 0; i < 6; i++) net.Get(peer, 1);
        Assert.Equal(CoapCode.TooManyRequests, net.Put(peer, 9, Attacked).Code);
        net.Pass(TimeSpan.FromSeconds(7));
        Assert.Equal(CoapCode.ServiceUnavailable, net.Put(peer, 9, Attacked).Code);
    }

    [Theory]
    [InlineData(CoapCode.Put, "mitigate/mid=1", CoapCode.BadRequest)]
    [InlineData(CoapCode.Put, "mitigate/cuid=x", CoapCode.BadRequest)]
    [InlineData(CoapCode.Put, "mitigate/mid=1/cuid=x", CoapCode.BadRequest)]
    [InlineData(CoapCode.Put, "mitigate/cuid=/mid=1", CoapCode.BadRequest)]
    [InlineData(CoapCode.Put, "mitigate/cuid=x/mid=-1", CoapCode.BadRequest)]
    [InlineData(CoapCode.Put, "mitigate/cuid=x/mid=4294967296", CoapCode.BadRequest)]
    [InlineData(CoapCode.Put, "mitigate/cuid=x y/mid=1", CoapCode.BadRequest)]
    [InlineData(CoapCode.Put, "mitigate/cuid=x/mid=1/foo=2", CoapCode.BadRequest)]
    [InlineData(CoapCode.Delete, "mitigate/cuid=x", CoapCode.BadRequest)]
    [InlineData(CoapCode.Post, "mitigate/cuid=x/mid=1", CoapCode.MethodNotAllowed)]
    [InlineData(CoapCode.Get, "mitigate/cuid=x", CoapCode.NotFound)]
    [InlineData(CoapCode.Get, "nothing", CoapCode.NotFound)]
    [InlineData(CoapCode.Get, "tm-setup/cuid=x", CoapCode.NotFound)]
    [InlineData(CoapCode.Put, "tm-setup/cuid=x/tsid=1", CoapCode.NotFound)]
    [InlineData(CoapCode.Put, "tm/cuid=x/tmid=1", CoapCode.NotFound)]
    [InlineData(CoapCode.Put, "redirect/cuid=x/mid=1", CoapCode.NotFound)]
    public void Answers_a_wrong_path_as_the_standard_says(CoapCode method, string path, CoapCode expected)
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(expected, _net.Ask(peer, method, path, method == CoapCode.Put ? DotsNetwork.Body(Attacked) : null).Code);
    }

    [Fact]
    public void Refuses_other_content_and_options_that_must_be_understood()
    {
        var (_, peer) = _net.Open(DotsNetwork.Alpha);
        Assert.Equal(CoapCode.UnsupportedContentFormat, _net.Ask(peer, CoapCode.Put, "mitigate/cuid=x/mid=1").Code);
        Assert.Equal(CoapCode.BadOption, _net.Ask(peer, CoapCode.Get, "config", null, new CoapOption(35, default)).Code);
    }

    [Fact]
    public void Survives_whatever_a_client_sends() =>
        Prop.ForAll<byte[][]>(datagrams =>
        {
            var (session, _) = _net.Open(DotsNetwork.Alpha);
            foreach (var datagram in datagrams) _net.Server.Receive(_net.Now, session, datagram);
            _net.Server.Tick(_net.Now);
            return true;
        }).QuickCheckThrowOnFailure();

    private CoapMessage Delete(CoapSession peer, uint mid) => _net.Ask(peer, CoapCode.Delete, $"mitigate/cuid={DotsNetwork.Cuid}/mid={mid}");

    private DotsStatus[] Statuses() => [.. _net.Seen.Where(m => m.Code == CoapCode.Content).Select(m => DotsNetwork.Scope(m).Status!.Value)];
}
