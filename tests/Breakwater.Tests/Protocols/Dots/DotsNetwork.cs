using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Coap;
using Breakwater.Protocols.Dots;

namespace Breakwater.Tests.Protocols.Dots;

/// <summary>A server and a bare CoAP client on a simulated link that can be cut.</summary>
internal sealed class DotsNetwork : IDotsPolicy, IDotsDirectory
{
    public const string Cuid = "dz6pHjaADkaFTbjr0JGBpw";

    public static DotsClientProfile Alpha { get; } = Client("alpha", "192.0.2.0/24", "2001:db8:6401::/48");
    public static DotsClientProfile Beta { get; } = Client("beta", "192.0.2.128/25", "198.51.100.0/24");
    public static DotsClientProfile Home { get; } = Client("upstream", "2001:db8:123::/48") with { CallHome = true };

    private readonly List<(DotsSession Session, CoapSession Peer)> _links = [];

    public DotsNetwork(DotsServerOptions? options = null) => Server = new DotsServer(options ?? new DotsServerOptions { MessagesPerMinute = 10_000 }, this, this);

    public DotsServer Server { get; }
    public Timestamp Now { get; private set; } = Timestamp.FromUnixSeconds(1_800_000_000);

    /// <summary>What the policy says to everything.</summary>
    public string? Refusal { get; set; }
    public List<DotsFilterSwitch> Switched { get; } = [];

    /// <summary>Nothing gets through.</summary>
    public bool IsCut { get; set; }

    /// <summary>Responses and notifications that clients have seen and nobody has taken.</summary>
    public List<CoapMessage> Seen { get; } = [];

    public string? Refuses(DotsDemand demand) => Refusal;

    public DotsScope? Alias(DotsClientProfile client, string cuid, string name) =>
        name == "web" ? new DotsScope { TargetPrefixes = [Prefix.Parse("192.0.2.80/32")], TargetPorts = [443], TargetProtocols = [6] } : null;

    public bool Switch(DotsClientProfile client, string cuid, DotsFilterSwitch filter)
    {
        if (filter.Name != "known") return false;
        Switched.Add(filter);
        return true;
    }

    /// <summary>A session whose other end the test drives.</summary>
    public (DotsSession Session, CoapSession Peer) Open(DotsClientProfile client, bool reliable = false)
    {
        CoapSession server = reliable ? new CoapStreamSession(65_536, new Random(1)) : new CoapDatagramSession(new CoapTransmission(), new Random(1));
        CoapSession peer = reliable ? new CoapStreamSession(65_536, new Random(2)) : new CoapDatagramSession(new CoapTransmission(), new Random(2));
        var session = Server.Open(Now, server, client);
        _links.Add((session, peer));
        return (session, peer);
    }

    /// <summary>Sends a request and gives the answer.</summary>
    public CoapMessage Ask(CoapSession peer, CoapCode code, string path, string? body = null, params CoapOption[] options)
    {
        var message = new CoapMessage { Code = code, Options = [.. $".well-known/dots/{path}".Split('/').Select(s => CoapOption.Text(CoapOptions.UriPath, s))] };
        if (body is not null) message = message.With(CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat)) with { Payload = DotsBody.Write(DotsBodyTests.Parse(body)) };
        foreach (var option in options) message = message.With(option);
        var sent = peer.Request(Now, message, confirmable: true, TimeSpan.FromSeconds(30));
        Exchange();
        var answer = Seen.FindLast(m => m.Token.Span.SequenceEqual(sent.Token.Span));
        Assert.NotNull(answer);
        Seen.Remove(answer);
        return answer;
    }

    public CoapMessage Put(CoapSession peer, uint mid, string scope, string cuid = Cuid) =>
        Ask(peer, CoapCode.Put, $"mitigate/cuid={cuid}/mid={mid}", Body(scope));

    public DotsScope Get(CoapSession peer, uint mid) => Scope(Ask(peer, CoapCode.Get, $"mitigate/cuid={Cuid}/mid={mid}"));

    public static string Body(string scope) => $$$"""{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{{{scope}}}]}}""";

    public static DotsScope Scope(CoapMessage answer)
    {
        Assert.Equal(DecodeError.None, DotsBody.Read(answer.Payload.Span, out var body, out _));
        return Assert.Single(DotsScopeJson.Read(body, out _));
    }

    /// <summary>Lets time pass in steps of a second, with everything that is due.</summary>
    /// <param name="answering">Clients answer heartbeats.</param>
    public void Pass(TimeSpan time, bool answering = true)
    {
        for (var end = Now + time; Now < end;)
        {
            Now += TimeSpan.FromSeconds(1);
            Server.Tick(Now);
            foreach (var (_, peer) in _links) peer.Tick(Now);
            Exchange(answering);
        }
    }

    public void Exchange(bool answering = true)
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var (session, peer) in _links)
            {
                while (peer.TryDequeueOutgoing(out var up))
                {
                    moved = true;
                    if (!IsCut) Server.Receive(Now, session, up);
                }
                while (session.Coap.TryDequeueOutgoing(out var down))
                {
                    moved = true;
                    if (!IsCut) peer.Receive(Now, down);
                }
                while (peer.TryDequeueEvent(out var happened))
                {
                    if (happened.Kind == CoapEventKind.Response) Seen.Add(happened.Message!);
                    if (happened.Kind == CoapEventKind.Request && answering) peer.Respond(Now, happened.Message!, CoapMessage.Answer(happened.Message!, CoapCode.Changed));
                }
            }
        }
    }

    private static DotsClientProfile Client(string name, params string[] prefixes) =>
        new(name, [.. prefixes.Select(Prefix.Parse)], new Dictionary<string, IReadOnlyList<Prefix>> { ["www.example.net"] = [Prefix.Parse("192.0.2.7/32")] });
}
