using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Behaviour.Mail;

/// <summary>Finds hosts of ours that deliver mail to many mail servers themselves: spam bots. Who receives mail as well is a mail server, and may.</summary>
/// <remarks>
/// A client hands its mail to one server, by port 587 (RFC 6409); only servers speak to many by port 25. Distinct destinations: Duan et al., "Detecting Spam Zombies by
/// Monitoring Outgoing Messages" (IEEE INFOCOM 2009) compare such counts with their sequential test. 25 is SMTP's port (RFC 5321 §4.5.4.2).
/// </remarks>
public sealed class SpamBehaviour(BehaviourOptions options) : IBehaviour
{
    /// <summary>Distinct servers of which single packets are seen; a spam run makes hundreds.</summary>
    private const int WorksToSampling = 100;

    private const int MaxSenders = 1_024;
    private const ushort Smtp = 25;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly SpamOptions _options = options.Spam;
    private readonly HostStates<MailServer> _servers = new(65_536);
    private readonly List<Sender> _senders = [];

    public string Name => "spam";
    public ContactEvents Wants => ContactEvents.Began | ContactEvents.Answered;
    public int WorksTo => WorksToSampling;

    public void Began(in Contact contact)
    {
        if (contact.ServicePort != Smtp || !contact.IsTcp || !contact.IsOutbound) return;
        Find(contact).Add(contact);
    }

    public void Answered(in Contact contact)
    {
        if (contact.ServicePort != Smtp || !contact.IsTcp) return;
        if (contact.IsOutbound && contact.State == ContactState.Rejected) Find(contact).Refused++;
        // Of unidirectional records the outsider's comes first, and tells by going on after its SYN that it was answered.
        if (contact is { IsInbound: true, State: ContactState.Answered })
            _servers.FindOrAdd(contact.Responder, contact.Start.Milliseconds32, out _).Receives = 1;
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var sender in _senders)
        {
            if (!sender.IsDirty) continue;
            sender.IsDirty = false;
            var servers = sender.Most;
            if (servers < _options.Servers || IsMailServer(sender)) continue;
            if (sender.Deliveries < sender.ToldAt + Math.Max(1, sender.ToldAt / 2) && now - sender.ToldWhen < TimeSpan.FromMinutes(1)) continue;
            (sender.ToldAt, sender.ToldWhen) = (sender.Deliveries, now);
            signs.Add(new Sign
            {
                Behaviour = Name,
                Name = SignNames.SpamRun,
                Family = SignFamily.Spam,
                Host = sender.Host,
                Weight = SignNames.WeightOf(SignNames.SpamRun),
                Confidence = Math.Round(Math.Min(0.97, 1 - Math.Pow(0.5, servers / _options.Servers + 1)), 2),
                From = sender.First,
                To = sender.Last,
                Because = string.Create(CultureInfo.InvariantCulture,
                    $"it speaks SMTP with about {Examination.Count(servers)} mail servers within ten minutes >= {_options.Servers} ({Examination.Count(sender.Deliveries)} connections in all, {Examination.Count(sender.Refused)} refused), and receives no mail itself"),
                Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {_options.Servers} servers in ten minutes, or of a host that answers on port 25"),
                Inputs = [new("servers", Math.Round(servers)), new("connections", sender.Deliveries), new("refused", sender.Refused)],
                WorksTo = WorksToSampling,
                SamplingRate = sender.SamplingRate,
                Direct = new DirectIncident(IncidentKind.OutboundAttack, servers >= 10 * _options.Servers ? Severity.High : Severity.Medium),
                Packets = sender.Deliveries,
                SampledPackets = sender.Deliveries,
                Flows = sender.Flows,
            });
        }
    }

    private bool IsMailServer(Sender sender) => !Unsafe.IsNullRef(ref _servers.Find(sender.Host, sender.Last.Milliseconds32));

    private Sender Find(in Contact contact)
    {
        Sender? oldest = null;
        foreach (var sender in _senders)
        {
            if (sender.Host == contact.Initiator) return sender;
            if (oldest is null || sender.Last < oldest.Last) oldest = sender;
        }
        if (_senders.Count < MaxSenders) _senders.Add(oldest = new Sender());
        oldest!.Begin(contact);
        return oldest;
    }

    private struct MailServer : IHostState
    {
        public byte Receives;
        public readonly int Worth => Receives;
    }

    /// <summary>One of ours that speaks SMTP with others.</summary>
    private sealed class Sender
    {
        private readonly HyperLogLog _window = new(8);
        private readonly Flow[] _flows = new Flow[Sign.MaxFlows];
        private int _flowCount;
        private Timestamp _windowStart;
        private double _most;

        public IpAddr Host;
        public Timestamp First, Last, ToldWhen;
        public long Deliveries, Refused, ToldAt;
        public double SamplingRate;
        public bool IsDirty;

        /// <summary>Most distinct servers within ten minutes, estimated.</summary>
        public double Most => Math.Max(_most, _window.Estimate());
        public IReadOnlyList<Flow> Flows => _flows[.._flowCount];

        public void Begin(in Contact contact)
        {
            Host = contact.Initiator;
            First = Last = _windowStart = contact.Start;
            ToldWhen = Timestamp.Min;
            Deliveries = Refused = ToldAt = 0;
            SamplingRate = 1;
            _most = 0;
            _flowCount = 0;
            IsDirty = false;
            _window.Clear();
        }

        public void Add(in Contact contact)
        {
            if (contact.Start - _windowStart >= Window)
            {
                _most = Most;
                _window.Clear();
                _windowStart = contact.Start;
            }
            Deliveries++;
            Last = contact.Last > Last ? contact.Last : Last;
            SamplingRate = Math.Max(SamplingRate, contact.SamplingRate);
            _window.Add(contact.Responder.Hash64());
            if (_flowCount < _flows.Length) _flows[_flowCount++] = contact.ToFlow();
            IsDirty = true;
        }
    }
}
