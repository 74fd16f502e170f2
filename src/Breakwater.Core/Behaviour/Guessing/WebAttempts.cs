using System.Runtime.CompilerServices;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>Makes attempts of web requests that present a password and of what the server says to them.</summary>
/// <remarks>
/// The same password again, as of a program whose settings are out of date, is no attempt. To a wrong name or password a server says 401 (RFC 9110 §15.5.2), or 403 when it has had
/// enough; what a form's answer means is not known, but refusals are alike.
/// </remarks>
internal sealed class WebAttempts(HomeNetwork home) : IDisposable
{
    private const int Unauthorized = 401, Forbidden = 403, NotFound = 404, NotAllowed = 405;

    /// <summary>Classes of size for each status.</summary>
    private const int Sizes = 128;

    /// <summary>Requests whose answer is waited for.</summary>
    private readonly HostStates<Asked> _asked = new(16_384);

    /// <summary>What has been tried, by hash of both hosts and the password.</summary>
    private readonly PairMemory _tried = new(262_144);

    public void Ask(in Flow flow, in WebLogin login)
    {
        if (flow.SampledPackets < flow.Packets) return;
        ref var asked = ref _asked.FindOrAdd(Key(flow.Source, flow.SourcePort, flow.Destination, flow.DestinationPort), flow.Start.Milliseconds32, out _);
        asked = new Asked { Kind = login.Kind, At = flow.Start, Bytes = flow.Bytes, Credentials = login.Credentials };
    }

    /// <param name="contact">The exchange, as a conversation.</param>
    /// <param name="service">Where it was tried; null for an answer to nothing of the kind, or to a password that was tried before.</param>
    /// <param name="alike">Number that answers which look the same share.</param>
    /// <returns>True for an attempt, false for work.</returns>
    public bool Answer(in Flow flow, in WebAnswer answer, out Contact contact, out AuthService? service, out int alike)
    {
        contact = default;
        service = null;
        alike = answer.Status * Sizes + Math.Min(Sizes - 2, GuessSeries.SizeClass(answer.Length));
        // 100 and its kin come before the answer.
        if (_asked.Count == 0 || answer.Status < 200) return false;
        ref var asked = ref _asked.Find(Key(flow.Destination, flow.DestinationPort, flow.Source, flow.SourcePort), flow.Start.Milliseconds32);
        if (Unsafe.IsNullRef(ref asked) || asked.Kind == 0) return false;
        var question = asked;
        asked = default;
        if (answer.Status is NotFound or NotAllowed or >= 500) return false;
        if (question.Credentials != 0 && !_tried.Add(question.Credentials ^ flow.Destination.Hash64() * 0x9E37_79B9_7F4A_7C15 ^ (flow.Source.Hash64() + flow.SourcePort))) return false;
        service = question.Kind == WebLoginKind.Form ? AuthService.WebForm : AuthService.Web;
        contact = new Contact
        {
            Initiator = flow.Destination,
            Responder = flow.Source,
            InitiatorPort = flow.DestinationPort,
            ServicePort = flow.SourcePort,
            InitiatorGroup = home.GroupOf(flow.Destination),
            ResponderGroup = home.GroupOf(flow.Source),
            Protocol = flow.Protocol,
            State = ContactState.Answered,
            Start = question.At,
            Last = flow.End,
            Exporter = flow.Exporter,
            InitiatorPackets = 1,
            ResponderPackets = 1,
            SampledPackets = 2,
            InitiatorBytes = question.Bytes,
            ResponderBytes = flow.Bytes,
        };
        return question.Kind == WebLoginKind.Form || answer.Status is Unauthorized or Forbidden;
    }

    public void Dispose() => _tried.Dispose();

    private static IpAddr Key(in IpAddr client, ushort clientPort, in IpAddr server, ushort serverPort) => new(client.Hash64() + clientPort, server.Hash64() + serverPort);

    private struct Asked : IHostState
    {
        public Timestamp At;
        public ulong Credentials;
        public long Bytes;

        /// <summary>0 once it is answered.</summary>
        public WebLoginKind Kind;
        public readonly int Worth => Kind != 0 ? 1 : 0;
    }
}
