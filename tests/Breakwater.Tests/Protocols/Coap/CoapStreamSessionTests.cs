using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Coap;

public class CoapStreamSessionTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_800_000_000);
    private static readonly byte[] Settings = CoapFrame.Write(new CoapMessage { Code = CoapCode.Csm, Options = [CoapOption.Uint(2, 8192), new CoapOption(4, default)] });

    private readonly CoapStreamSession _session = new(65_536, new Random(1));

    public CoapStreamSessionTests() => Assert.Equal(CoapCode.Csm, Sent().Code);

    [Fact]
    public void Hands_on_requests_however_the_stream_is_cut_up() =>
        Prop.ForAll<PositiveInt[]>(cuts =>
        {
            var session = new CoapStreamSession(65_536, new Random(1));
            byte[] stream = [.. Settings, .. CoapFrame.Write(CoapMessages.Put), .. CoapFrame.Write(new CoapMessage()), .. CoapFrame.Write(CoapMessages.Put)];
            var at = 0;
            foreach (var cut in cuts.Select(c => c.Get).Append(int.MaxValue))
            {
                var taken = Math.Min(cut, stream.Length - at);
                session.Receive(Now, stream.AsMemory(at, taken));
                at += taken;
            }
            var requests = 0;
            while (session.TryDequeueEvent(out var happened))
                if (happened.Kind == CoapEventKind.Request && happened.Message!.Payload.Span.SequenceEqual(CoapMessages.Put.Payload.Span)) requests++;
            return requests == 2 && !session.IsClosed;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Takes_several_long_messages_in_one_read()
    {
        var session = new CoapStreamSession(1152, new Random(1));
        var one = CoapFrame.Write(new CoapMessage { Code = CoapCode.Put, Payload = new byte[1100] });
        session.Receive(Now, (byte[])[.. Settings, .. one, .. one, .. one]);
        for (var i = 0; i < 3; i++) Assert.True(session.TryDequeueEvent(out var happened) && happened.Kind == CoapEventKind.Request);
    }

    [Fact]
    public void Answers_a_ping_with_its_token_and_custody()
    {
        _session.Receive(Now, (byte[])[.. Settings, .. CoapFrame.Write(new CoapMessage { Code = CoapCode.Ping, Token = new byte[] { 0x42 }, Options = [new CoapOption(2, default)] })]);
        var pong = Sent();
        Assert.Equal((CoapCode.Pong, 0x42, 1), (pong.Code, pong.Token.Span[0], pong.Options.Count));
    }

    [Fact]
    public void Aborts_when_settings_do_not_come_first()
    {
        _session.Receive(Now, CoapFrame.Write(CoapMessages.Put));
        Assert.Equal(CoapCode.Abort, Sent().Code);
        Assert.True(_session.IsClosed);
    }

    [Fact]
    public void Aborts_at_a_critical_setting_that_it_does_not_know_and_names_it()
    {
        _session.Receive(Now, CoapFrame.Write(new CoapMessage { Code = CoapCode.Csm, Options = [CoapOption.Uint(3, 1)] }));
        var abort = Sent();
        Assert.Equal((CoapCode.Abort, 3u), (abort.Code, abort.Uint(2)));
    }

    [Theory, InlineData("9901"), InlineData("f0ffffffff"), InlineData("20e1f1f1")]
    public void Aborts_at_a_malformed_frame_and_counts_it(string hex)
    {
        _session.Receive(Now, Convert.FromHexString(hex));
        Assert.Equal(CoapCode.Abort, Sent().Code);
        Assert.Equal(1, _session.Malformed);
        Assert.True(_session.TryDequeueEvent(out var happened) && happened.Kind == CoapEventKind.Closed);
    }

    [Theory, InlineData(CoapCode.Release), InlineData(CoapCode.Abort)]
    public void Ends_when_the_peer_releases_or_aborts(CoapCode code)
    {
        _session.Receive(Now, (byte[])[.. Settings, .. CoapFrame.Write(new CoapMessage { Code = code })]);
        Assert.True(_session.IsClosed);
    }

    [Fact]
    public void Learns_from_settings_how_much_the_peer_takes()
    {
        Assert.False(_session.PeerTakesBert);
        Assert.True(_session.MaxPayload < 1152);
        _session.Receive(Now, Settings);
        Assert.True(_session.PeerTakesBert);
        Assert.InRange(_session.MaxPayload, 7 * 1024, 8192);
    }

    private CoapMessage Sent()
    {
        Assert.True(_session.TryDequeueOutgoing(out var bytes));
        Assert.Equal(DecodeError.None, CoapFrame.Read(bytes, out var message));
        return message!;
    }
}
