using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Behaviour.Scans;

/// <summary>Scans of one service by many, each too small to be named: a botnet looking for its next members. Of fixed size.</summary>
internal sealed class ServiceScans(HomeNetwork home)
{
    private const int MaxServices = 64;
    private const int MaxSources = 64;

    /// <summary>Zeek's number for one scanner, of scanners; and the backstop for targets.</summary>
    private const int MinSources = 25, MinTargets = 50;

    /// <summary>So many scanners of one service at once are no background: a /16 sees a few hundred a day of each.</summary>
    private const int ManySources = 1_000;

    /// <summary>Sources with a bot's mark that make it a botnet's work.</summary>
    private const int MinMarked = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly List<Service> _services = [];

    /// <summary>Takes note of a failed first contact with one of ours.</summary>
    public void Add(in Contact contact, ScanKind kind)
    {
        if (kind is ScanKind.Arp or ScanKind.Icmp || home.OutermostOf(contact.Responder) is not { } prefix) return;
        var service = Find(kind, contact.ServicePort, prefix, contact.Start);
        service.Add(contact);
    }

    /// <summary>Takes note of a SYN to one of ours that bears a bot's mark.</summary>
    public void AddMarked(in Flow flow)
    {
        if (home.OutermostOf(flow.Destination) is { } prefix) Find(ScanKind.Tcp, flow.DestinationPort, prefix, flow.Start).Marked.Add(flow.Source.Hash64());
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var service in _services)
        {
            if (service.IsDirty && service.Failed >= MinTargets && service.Failed >= service.ToldAt + Math.Max(1, service.ToldAt / 2)) Judge(service, signs);
            if (now - service.Since < Window) continue;
            if (service.IsDirty && service.Failed >= MinTargets) Judge(service, signs);
            service.Roll(now);
        }
    }

    private static void Judge(Service service, ISignSink signs)
    {
        service.IsDirty = false;
        var (sources, targets) = (service.Sources.Estimate(), service.Targets.Estimate());
        if (sources < MinSources || targets < MinTargets) return;
        service.ToldAt = service.Failed;
        var marked = service.Marked.Estimate();
        var botnet = marked >= MinMarked;
        signs.Add(new Sign
        {
            Behaviour = "scan",
            Name = SignNames.DistributedScan,
            Service = (int)service.Kind << 16 | service.Port,
            Family = SignFamily.Scan,
            Host = IpAddr.None,
            Target = service.Prefix,
            Confidence = 0.9,
            From = service.First,
            To = service.Last,
            Because = string.Create(CultureInfo.InvariantCulture, $"about {Examination.Count(sources)} sources tried {service.Kind.Word()} port {service.Port} of about {Examination.Count(targets)} hosts of ours in vain within five minutes{(botnet ? $"; the SYNs of about {Examination.Count(marked)} of them bear the mark of Mirai" : "")}"),
            Counterfactual = $"would not have been said of fewer than {MinSources} sources or {MinTargets} hosts",
            Inputs = [new("sources", Math.Round(sources)), new("targets", Math.Round(targets)), new("failed", service.Failed), new("markedSources", Math.Round(marked))],
            WorksTo = ScanRules.WorksTo,
            SamplingRate = service.SamplingRate,
            Direct = new DirectIncident(IncidentKind.Scan, botnet || sources >= ManySources ? Severity.Medium : Severity.Low),
            Packets = service.Packets,
            SampledPackets = service.SampledPackets,
            Sources = [.. service.Top.Top(MaxSources).Select(s => s.Key)],
            SourceCount = (long)Math.Round(sources),
        });
    }

    private Service Find(ScanKind kind, ushort port, Prefix prefix, Timestamp time)
    {
        var least = 0;
        for (var i = 0; i < _services.Count; i++)
        {
            var service = _services[i];
            if (service.Port == port && service.Kind == kind && service.Prefix == prefix) return service;
            if (service.Failed < _services[least].Failed) least = i;
        }
        if (_services.Count < MaxServices)
        {
            least = _services.Count;
            _services.Add(new Service());
        }
        _services[least].Begin(kind, port, prefix, time);
        return _services[least];
    }

    private sealed class Service
    {
        public readonly HyperLogLog Sources = new(10), Targets = new(10), Marked = new(10);
        public readonly SpaceSaving<IpAddr> Top = new(MaxSources);
        public ScanKind Kind;
        public ushort Port;
        public Prefix Prefix;
        public Timestamp Since, First, Last;
        public long Failed, ToldAt, Packets, SampledPackets;
        public double SamplingRate;
        public bool IsDirty;

        public void Begin(ScanKind kind, ushort port, Prefix prefix, Timestamp time)
        {
            (Kind, Port, Prefix) = (kind, port, prefix);
            Roll(time);
        }

        public void Roll(Timestamp time)
        {
            (Since, First, Last) = (time, time, time);
            Failed = ToldAt = Packets = SampledPackets = 0;
            SamplingRate = 1;
            IsDirty = false;
            Sources.Clear();
            Targets.Clear();
            Marked.Clear();
            Top.Clear();
        }

        public void Add(in Contact contact)
        {
            Failed++;
            if (contact.Start < First) First = contact.Start;
            if (contact.Last > Last) Last = contact.Last;
            Sources.Add(contact.Initiator.Hash64());
            Targets.Add(contact.Responder.Hash64());
            Top.Add(contact.Initiator);
            Packets += contact.Packets;
            SampledPackets += contact.SampledPackets;
            SamplingRate = Math.Max(SamplingRate, contact.SamplingRate);
            IsDirty = true;
        }
    }
}
