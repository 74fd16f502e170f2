using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Behaviour.Spoofing;

/// <summary>Audits source addresses at the interfaces that the operator names: does the network keep forged ones out, and in?</summary>
/// <remarks>
/// BCP 38, BCP 84. Only where it is known what may come in: guessing it from traffic at exchange points could not be reproduced (Eumann et al. 2019). Nothing is said of
/// transit.
/// </remarks>
public sealed class SourceAudit : IBehaviour, IWatchFlows
{
    /// <summary>Packets that must really have been seen.</summary>
    private const int MinSampled = 10;

    private readonly SourceAuditOptions _options;
    private readonly RoutedSpaceBoard _routed;
    private readonly InterfaceAudit[] _audits;

    /// <summary>Which audit is for which interface of which exporter, as far as exporters have been asked for.</summary>
    private readonly Dictionary<(ushort Exporter, uint Interface), InterfaceAudit?> _byInterface = [];

    /// <summary>Interfaces remembered as not audited; a forger of exporters does not grow it.</summary>
    private const int MaxInterfaces = 65_536;

    /// <param name="routed">What anybody routes.</param>
    public SourceAudit(SourceAuditOptions options, HomeNetwork home, RoutedSpaceBoard routed)
    {
        _options = options;
        _routed = routed;
        _audits = [.. options.Interfaces.OrderBy(i => i.Key, StringComparer.Ordinal).Select((i, number) => new InterfaceAudit(i.Key, number, i.Value, home.Home))];
    }

    public string Name => "source-audit";
    public ContactEvents Wants => ContactEvents.None;

    /// <summary>Ten packets must be seen in five minutes: at 1:10,000 a trickle is missed, a flood is not.</summary>
    public int WorksTo => 10_000;

    public void Watch(ReadOnlySpan<Flow> flows, ITelemetryHealth? exporters)
    {
        if (_audits.Length == 0) return;
        var routed = _routed.Current;
        foreach (ref readonly var flow in flows)
            if (flow.InputInterface != 0 && Find(flow, exporters) is { } audit) audit.Add(flow, routed);
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var audit in _audits)
        {
            for (var @class = SourceClass.Bogon; (int)@class < InterfaceAudit.Classes; @class++)
            {
                var tally = audit[@class];
                // Told again when it has doubled.
                if (tally.Packets < _options.Packets || tally.Sampled < MinSampled || tally.Packets < 2 * tally.ToldAt) continue;
                if (@class == SourceClass.Private && tally.Packets <= _options.PrivateShare * audit.Packets) continue;
                tally.ToldAt = tally.Packets;
                signs.Add(Say(audit, @class, tally));
            }
        }
    }

    private InterfaceAudit? Find(in Flow flow, ITelemetryHealth? exporters)
    {
        var key = (flow.Exporter, flow.InputInterface);
        if (_byInterface.TryGetValue(key, out var known)) return known;
        var address = exporters?.Of(flow.Exporter).Exporter ?? "";
        InterfaceAudit? found = null;
        var waits = false;
        foreach (var audit in _audits)
        {
            if (audit.Options.Index != flow.InputInterface) continue;
            if (audit.Options.Exporter is not { } exporter || exporter.ToString() == address) found = audit;
            // An exporter is known by its address a few seconds after its first record only.
            else waits |= address.Length == 0;
        }
        if (found is null && waits) return null;
        if (_byInterface.Count >= MaxInterfaces) _byInterface.Clear();
        return _byInterface[key] = found;
    }

    private Sign Say(InterfaceAudit audit, SourceClass @class, InterfaceAudit.Tally tally)
    {
        var triggers = tally.Triggers * 2 >= tally.Packets;
        var name = NameOf(@class);
        return new Sign
        {
            Behaviour = Name,
            Name = name,
            Service = audit.Number,
            Family = SignFamily.Exposure,
            Host = default,
            Target = audit.Subject,
            Confidence = @class == SourceClass.Private ? 0.5 : triggers ? 0.95 : 0.8,
            From = tally.First,
            To = tally.Last,
            Because = string.Create(CultureInfo.InvariantCulture,
                $"{Examination.Count(tally.Packets)} of {Examination.Count(audit.Packets)} packets that came in by {(audit.Options.Side == InterfaceSide.Uplink ? "uplink" : "customer interface")} '{audit.Name}' within five minutes {Words(@class)} (>= {Examination.Count(_options.Packets)}){(triggers ? ", most of them questions that trigger amplifiers" : "")}"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {_options.Packets} packets in five minutes, of which {MinSampled} were seen{(@class is SourceClass.NotAllowed or SourceClass.Unrouted ? ", or were the sources among what the interface allows" : "")}"),
            Inputs = [new("packets", tally.Packets), new("ofPackets", audit.Packets), new("triggers", tally.Triggers), new("sources", tally.Sources.Count), new("interface", audit.Options.Index)],
            WorksTo = WorksTo,
            SamplingRate = tally.Sampled == 0 ? 1 : Math.Max(1, (double)tally.Packets / tally.Sampled),
            Direct = new DirectIncident(IncidentKind.Spoofing, SeverityOf(@class, triggers)),
            Packets = tally.Packets,
            SampledPackets = tally.Sampled,
            Sources = [.. tally.Sources],
            SourceCount = tally.Sources.Count,
            Flows = [.. tally.Flows],
        };
    }

    private static string NameOf(SourceClass @class) => @class switch
    {
        SourceClass.Bogon => SignNames.BogonSource,
        SourceClass.Private => SignNames.PrivateSource,
        SourceClass.Unrouted => SignNames.UnroutedSource,
        SourceClass.NotAllowed => SignNames.ForeignSource,
        _ => SignNames.OwnSourceFromOutside,
    };

    private static Severity SeverityOf(SourceClass @class, bool triggers) => @class switch
    {
        SourceClass.Private or SourceClass.OwnFromOutside => Severity.Low,
        _ => triggers ? Severity.High : Severity.Medium,
    };

    private static string Words(SourceClass @class) => @class switch
    {
        SourceClass.Bogon => "bear sources that nobody sends from",
        SourceClass.Private => "bear private sources that are not assigned there",
        SourceClass.Unrouted => "bear sources that nobody routes",
        SourceClass.NotAllowed => "bear sources that do not belong there",
        _ => "bear our own addresses as source",
    };
}
