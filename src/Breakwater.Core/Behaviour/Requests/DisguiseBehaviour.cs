using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Requests;

/// <summary>Finds programs that pretend to be browsers, and what comes to hosts by them: programs, and content that is not what it is called.</summary>
/// <remarks>
/// A browser says with each request which languages and codings it takes (RFC 9110 §12.5.3 and §12.5.4 make it an option; all of them have done so since the nineties).
/// What borrows a browser's name and forgets the rest is a program that does not want to be seen as one: MITRE ATT&amp;CK T1071.001 and T1036; Perdisci et al., "Behavioral
/// Clustering of HTTP-Based Malware" (NSDI 2010), on requests of malware. It says so by three signs that do not depend on each other; one alone accuses nobody, for updaters do it as well.
/// </remarks>
public sealed class DisguiseBehaviour(BehaviourOptions options, HomeNetwork home) : IBehaviour, IHear<RequestObservation>, IHear<ContentObservation>
{
    /// <summary>Requests that make a sign: fewer may be a slip of a browser that was cut short.</summary>
    private const int MinRequests = 3;

    /// <summary>Octets from which content that cannot be read counts three times: chance has no say any more.</summary>
    private const int Plenty = 128;

    /// <summary>Content from which more of it changes little.</summary>
    private const int Certain = 4;

    private static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    private readonly HostStates<Disguised> _hosts = new(options.MaxHosts / 16);
    private readonly List<Sign> _signs = [];

    public string Name => "disguise";
    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>A request is one packet, and its answer begins with one: of many, a few are seen.</remarks>
    public int WorksTo => 10;

    public void Heard(in Flow flow, in RequestObservation request)
    {
        if (request.IsTls || !home.MayAccuse(flow.Source) || home.GroupOf(flow.Destination) >= 0 || Bogons.IsLocal(flow.Destination)) return;
        var brings = request.Protocol.SequenceEqual("POST"u8);
        var pretends = request.IsWhole && (brings || request.Protocol.SequenceEqual("GET"u8))
            && (request.Fields & (RequestFields.AcceptLanguage | RequestFields.AcceptEncoding | RequestFields.Referer)) == 0 && RequestText.ClaimsBrowser(request.Signature);
        var bare = RequestText.IsPublicAddress(request.ServerName);
        var nobody = request.IsWhole && request.Signature.IsEmpty;
        if (!pretends && !bare && !nobody) return;

        ref var host = ref Find(flow.Source, flow.Start);
        host.Remember(
            Connection(flow.Destination, flow.DestinationPort, flow.SourcePort),
            (pretends ? Asked.InDisguise : 0) | (bare ? Asked.ByAddress : 0) | (nobody ? Asked.AsNobody : 0) | (RequestText.ClaimsBrowser(request.Signature) ? Asked.AsBrowser : 0));
        if (!pretends) return;
        if (request.Content == ContentKind.Cipher && IsReadable(request.MediaType)) Brought(ref host, flow, request);
        if (brings) host.Posts++;
        else host.Gets++;
        var all = host.Posts + host.Gets;
        if (!Doubling.IsDue(all, MinRequests)) return;
        // What only fetches may be somebody's script; what brings something home has something to bring.
        var confidence = host.Posts > 0 ? 1 - Math.Exp(-host.Posts - host.Gets / 3.0) : Math.Min(0.5, 1 - Math.Exp(-host.Gets / 3.0));
        Add(flow.Source, flow.Destination, SignNames.BrowserMasquerade, host.First, flow.Start, confidence, all, string.Create(CultureInfo.InvariantCulture,
            $"{all} web requests ({host.Posts} that bring something) call themselves \"{Shortened(request.Signature)}\" and lack what every browser sends: no Accept-Language, no Accept-Encoding, no Referer"),
            $"would not have been said of fewer than {MinRequests} requests, or with any of these fields");
    }

    public void Heard(in Flow flow, in ContentObservation content)
    {
        if (!home.MayAccuse(flow.Destination) || home.GroupOf(flow.Source) >= 0 || Bogons.IsLocal(flow.Source)) return;
        ref var known = ref _hosts.Find(flow.Destination, flow.Start.Milliseconds32);
        var asked = Unsafe.IsNullRef(ref known) ? Asked.Otherwise : known.HowAsked(Connection(flow.Source, flow.SourcePort, flow.DestinationPort));
        if (content.Kind is ContentKind.Program or ContentKind.Script) Program(flow, content, asked);
        else if (CallsForReaders(content) && (Has(asked, Asked.InDisguise) || (Has(asked, Asked.ByAddress | Asked.AsBrowser) && content.Octets >= Plenty))) Concealed(flow, content);
    }

    public void Tick(Timestamp now, ISignSink signs) => _signs.TellTo(signs);

    private void Program(in Flow flow, in ContentObservation content, Asked asked)
    {
        var lies = content.Kind == ContentKind.Program && (content.MediaType.StartsWith("image/"u8) || content.MediaType.StartsWith("text/css"u8) || content.MediaType.StartsWith("audio/"u8) || content.MediaType.StartsWith("video/"u8));
        var isScript = content.Kind == ContentKind.Script;
        var (how, sure) = Has(asked, Asked.InDisguise) && !isScript ? ("asked for by a program that calls itself a browser", 0.95)
            : lies ? ($"called {Shortened(content.MediaType)}", 0.95)
            : Has(asked, Asked.ByAddress) ? ("from a server without a name", 0.8)
            : Has(asked, Asked.AsNobody) && !isScript ? ("asked for by something that does not say what it is", 0.6)
            : ("", 0);
        if (sure == 0) return;
        ref var host = ref Find(flow.Destination, flow.Start);
        host.Programs++;
        if (!Doubling.IsDue(host.Programs, 1) && sure <= host.SureOfPrograms) return;
        host.SureOfPrograms = Math.Max(host.SureOfPrograms, sure);
        Add(flow.Destination, flow.Source, SignNames.ProgramDownload, host.First, flow.Start, host.SureOfPrograms, host.Programs,
            $"it fetched a {(isScript ? "script" : "program")} in clear from {flow.Source}, {how}",
            "would not have been said of a program asked for in an ordinary way, by name and under its own label");
    }

    private void Brought(ref Disguised host, in Flow flow, in RequestObservation request)
    {
        if (!IsTime(ref host, more: 1)) return;
        Add(flow.Source, flow.Destination, SignNames.ConcealedContent, host.First, flow.Start, 1 - Math.Exp(-host.Concealed), host.Concealed,
            $"a program that calls itself a browser brought octets as if drawn by lot to {flow.Destination}, called {Shortened(request.MediaType)}",
            "would not have been said of content that is what it is called, or was brought otherwise");
    }

    private void Concealed(in Flow flow, in ContentObservation content)
    {
        ref var host = ref Find(flow.Destination, flow.Start);
        if (!IsTime(ref host, more: content.Octets >= Plenty ? 3 : 1)) return;
        Add(flow.Destination, flow.Source, SignNames.ConcealedContent, host.First, flow.Start, 1 - Math.Exp(-host.Concealed), host.Concealed,
            $"a program that calls itself a browser got content from {flow.Source} that no browser can show: {(content.Kind == ContentKind.Cipher ? "octets as if drawn by lot" : "a code of letters and digits")}, called {Shortened(content.MediaType)}",
            "would not have been said of content that is what it is called, is compressed as HTTP provides for, or was asked for otherwise");
    }

    /// <summary>Told while it matters, and then each time there is twice as much.</summary>
    private static bool IsTime(ref Disguised host, int more)
    {
        var before = host.Concealed;
        host.Concealed += more;
        if (before >= Certain && host.Concealed < 2 * host.ConcealedToldAt) return false;
        host.ConcealedToldAt = host.Concealed;
        return true;
    }

    /// <summary>Forms and texts; and what has no name, which a browser gives to everything that it brings (RFC 9110 §8.3).</summary>
    private static bool IsReadable(ReadOnlySpan<byte> mediaType) =>
        mediaType.IsEmpty || mediaType.StartsWith("text/"u8) || mediaType.StartsWith("application/x-www-form-urlencoded"u8) || mediaType.StartsWith("application/json"u8);

    /// <summary>True when the server says that it is something to read, or to look at.</summary>
    private static bool CallsForReaders(in ContentObservation content) =>
        content.MediaType.StartsWith("text/html"u8) || content.MediaType.StartsWith("image/"u8) || (content.Kind == ContentKind.Cipher && content.MediaType.StartsWith("text/"u8));

    private ref Disguised Find(in IpAddr address, Timestamp time)
    {
        ref var host = ref _hosts.FindOrAdd(address, time.Milliseconds32, out var isNew);
        if (isNew || time - host.Last > Memory) host = new Disguised { First = time };
        if (isNew || time > host.Last) host.Last = time;
        return ref host;
    }

    private void Add(in IpAddr host, in IpAddr server, string name, Timestamp first, Timestamp last, double confidence, int count, string because, string counterfactual) => _signs.Add(new Sign
    {
        Behaviour = Name,
        Name = name,
        Family = SignNames.FamilyOf(name),
        Host = host,
        Weight = SignNames.WeightOf(name),
        Confidence = Math.Round(Math.Min(0.99, confidence), 2),
        From = first,
        To = last,
        Because = because,
        Counterfactual = counterfactual,
        Target = new Prefix(server, server.Bits),
        Inputs = [new("seen", count)],
        WorksTo = WorksTo,
        Packets = count,
        SampledPackets = count,
    });

    private static bool Has(Asked asked, Asked all) => (asked & all) == all;

    private static string Shortened(ReadOnlySpan<byte> words) => words.IsEmpty ? "nothing" : Encoding.ASCII.GetString(words.Length > 60 ? words[..60] : words);

    private static uint Connection(in IpAddr server, ushort serverPort, ushort clientPort) => (uint)((server.Hash64() ^ ((ulong)serverPort << 16 | clientPort) * 0x9E37_79B9_7F4A_7C15) >> 32) | 1;

    [Flags]
    private enum Asked : byte
    {
        Otherwise = 0,

        /// <summary>As a browser, without what browsers send.</summary>
        InDisguise = 1,

        /// <summary>Of a bare address of the Internet.</summary>
        ByAddress = 2,

        /// <summary>Without a user agent.</summary>
        AsNobody = 4,

        /// <summary>As a browser, whatever else it sent.</summary>
        AsBrowser = 8,
    }

    /// <summary>What is known of one host, and how it asked in its last four connections of note.</summary>
    private struct Disguised : IHostState
    {
        public Timestamp First, Last;
        public int Posts, Gets, Programs, Concealed, ConcealedToldAt;
        public double SureOfPrograms;
        private Connections _connections;
        private Manners _manners;
        private byte _next;

        public readonly int Worth => Posts + Gets + Programs + Concealed;

        public void Remember(uint connection, Asked asked)
        {
            for (var i = 0; i < Kept; i++)
            {
                if (_connections[i] != connection) continue;
                _manners[i] = asked;
                return;
            }
            _connections[_next] = connection;
            _manners[_next] = asked;
            _next = (byte)((_next + 1) % Kept);
        }

        public readonly Asked HowAsked(uint connection)
        {
            for (var i = 0; i < Kept; i++)
                if (_connections[i] == connection) return _manners[i];
            return Asked.Otherwise;
        }

        private const int Kept = 4;

        [InlineArray(Kept)]
        private struct Connections
        {
            private uint _first;
        }

        [InlineArray(Kept)]
        private struct Manners
        {
            private Asked _first;
        }
    }
}
