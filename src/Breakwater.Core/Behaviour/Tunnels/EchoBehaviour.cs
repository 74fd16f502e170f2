using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Tunnels;

/// <summary>Finds tunnels in ping: answers that do not return what was sent.</summary>
/// <remarks>
/// RFC 792, echo: "the data received in the echo message must be returned in the echo reply message"; RFC 4443 §4.2 the same. So an answer with other content, or of
/// another length, carries something. By flows alone only lengths are known: their means must differ.
/// </remarks>
public sealed class EchoBehaviour(HomeNetwork home) : IBehaviour, IHear<EchoMessage>
{
    private const int MaxPairs = 1_024;

    /// <summary>Answers that must differ: a few do where memory or a driver is broken.</summary>
    private const int MinDifferent = 10;

    /// <summary>Share of the answers that must differ.</summary>
    private const double Share = 0.2;

    /// <summary>Octets by which the mean lengths of questions and answers differ at least.</summary>
    private const double MinGap = 8;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(IpAddr Asker, IpAddr Answerer), Pair> _pairs = [];
    private readonly List<Sign> _byFlow = [];

    public string Name => "icmp-tunnel";
    public ContactEvents Wants => ContactEvents.Ended;

    /// <summary>Lengths need every packet of both sides, or the same share of each.</summary>
    public int WorksTo => 10;

    public void Heard(in Flow flow, in EchoMessage echo)
    {
        var (asker, answerer) = echo.IsAnswer ? (flow.Destination, flow.Source) : (flow.Source, flow.Destination);
        Find(asker, answerer, flow.Start)?.Take(echo, flow);
    }

    public void Ended(in Contact contact)
    {
        if (!contact.IsIcmp || contact.ServicePort >> 8 is not (8 or 128) || contact.State != ContactState.Answered) return;
        // Of packets the content is compared; records that join many pings are judged by their lengths.
        if ((contact.Marks & ContactMarks.Packets) != 0 || contact.SamplingRate > WorksTo) return;
        if (contact.InitiatorPackets < MinDifferent || contact.ResponderPackets < MinDifferent || _byFlow.Count >= 100) return;
        var (asked, answered) = ((double)contact.InitiatorBytes / contact.InitiatorPackets, (double)contact.ResponderBytes / contact.ResponderPackets);
        if (Math.Abs(asked - answered) < MinGap) return;
        _byFlow.Add(SignOf(contact.Initiator, contact.Responder, contact.IsFromHome, contact.Start, contact.Last, 0.6, contact.Packets, string.Create(CultureInfo.InvariantCulture,
            $"{Examination.Count(contact.InitiatorPackets)} pings to {contact.Responder} of {asked:0} octets in the mean are answered by {Examination.Count(contact.ResponderPackets)} of {answered:0}, where answers return what was sent"),
            string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {MinDifferent} each way, or of means less than {MinGap:0} octets apart"), confirmed: false, []));
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var sign in _byFlow) signs.Add(sign);
        _byFlow.Clear();
        Forget(now);
        foreach (var pair in _pairs.Values)
        {
            if (pair.Odd < MinDifferent || pair.Odd < Share * pair.Answers) continue;
            if (pair.Odd < pair.ToldAt + Math.Max(1, pair.ToldAt / 2) && (pair.Odd == pair.ToldAt || now - pair.ToldWhen < TimeSpan.FromMinutes(1))) continue;
            (pair.ToldAt, pair.ToldWhen) = (pair.Odd, now);
            signs.Add(SignOf(pair.Asker, pair.Answerer, home.GroupOf(pair.Asker) >= 0, pair.First, pair.Last, Math.Min(0.99, 1 - Math.Pow(0.8, pair.Odd)), pair.Questions + pair.Answers, string.Create(CultureInfo.InvariantCulture,
                $"of {Examination.Count(pair.Answers)} echo answers from {pair.Answerer} {Examination.Count(pair.Odd)} do not return what was sent ({Examination.Count(pair.Different)} with other content, {Examination.Count(pair.Unasked)} to no question)"),
                $"would not have been said of fewer than {MinDifferent}, or of less than {Share * 100:0} % of the answers", confirmed: true, pair.Flows));
        }
    }

    private Sign SignOf(IpAddr asker, IpAddr answerer, bool fromHome, Timestamp from, Timestamp to, double confidence, long packets, string because, string counterfactual, bool confirmed, IReadOnlyList<Flow> flows) => new()
    {
        Behaviour = Name,
        Name = SignNames.IcmpTunnel,
        Service = answerer.GetHashCode(),
        Family = SignFamily.Tunnel,
        Host = fromHome ? asker : answerer,
        Weight = SignNames.WeightOf(SignNames.IcmpTunnel),
        Confidence = Math.Round(confidence, 2),
        Confirmed = confirmed,
        From = from,
        To = to,
        Because = because,
        Counterfactual = counterfactual,
        WorksTo = WorksTo,
        Target = new Prefix(fromHome ? answerer : asker, (fromHome ? answerer : asker).Bits),
        Packets = packets,
        SampledPackets = packets,
        Flows = flows,
    };

    private Pair? Find(in IpAddr asker, in IpAddr answerer, Timestamp time)
    {
        if (_pairs.TryGetValue((asker, answerer), out var pair)) return pair;
        // A flood of pings finds no room, and costs no more than this look.
        return _pairs.Count >= MaxPairs ? null : _pairs[(asker, answerer)] = new Pair(asker, answerer, time);
    }

    /// <summary>Forgets who has not pinged for long, once there are many.</summary>
    private void Forget(Timestamp now)
    {
        if (_pairs.Count < MaxPairs) return;
        foreach (var (key, pair) in _pairs.Where(p => now - p.Value.Last > Quiet).ToArray()) _pairs.Remove(key);
    }

    /// <summary>The pings of one host to another, and the newest of them to compare answers with.</summary>
    private sealed class Pair(IpAddr asker, IpAddr answerer, Timestamp first)
    {
        private const int Remembered = 32;

        private readonly (uint Identity, ulong Content, int Length)[] _asked = new (uint, ulong, int)[Remembered];
        private readonly Flow[] _flows = new Flow[Sign.MaxFlows];
        private int _next, _flowCount;

        public IpAddr Asker => asker;
        public IpAddr Answerer => answerer;
        public Timestamp First { get; } = first;
        public Timestamp Last { get; private set; } = first;
        public Timestamp ToldWhen = Timestamp.Min;
        public long Questions, Answers, Different, Unasked, ToldAt;

        /// <summary>Answers that are none; those without a question only where questions are seen, or the capture sees one side.</summary>
        public long Odd => Different + (Questions > 0 ? Unasked : 0);
        public IReadOnlyList<Flow> Flows => _flows[.._flowCount];

        public void Take(in EchoMessage echo, in Flow flow)
        {
            if (flow.End > Last) Last = flow.End;
            var identity = (uint)echo.Identifier << 16 | echo.Sequence;
            if (!echo.IsAnswer)
            {
                Questions++;
                _asked[_next++ % Remembered] = (identity, echo.Content, echo.Length);
                return;
            }
            Answers++;
            var (known, same) = (false, false);
            foreach (var asked in _asked)
            {
                if (asked.Length == 0 || asked.Identity != identity) continue;
                known = true;
                same |= asked.Content == echo.Content && asked.Length == echo.Length;
            }
            if (same) return;
            if (known) Different++;
            else Unasked++;
            if (_flowCount < _flows.Length) _flows[_flowCount++] = flow;
        }
    }
}
