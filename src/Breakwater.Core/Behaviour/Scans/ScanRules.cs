using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Scans;

/// <summary>Says of a suspect's failures what kind of scan they are, if any.</summary>
internal sealed class ScanRules(ScanOptions options)
{
    /// <summary>Single SYNs without anything after them are left over from scans at any sampling; at 1:1000 a scan of ten thousand is seen ten times.</summary>
    public const int WorksTo = 1_000;

    /// <summary>Services that a scanner works on at the same time; Mirai's kin try up to five.</summary>
    private const int FewServices = 5;

    /// <summary>Share of the failures that those few must have.</summary>
    private const double InCommon = 0.8;

    /// <summary>Distinct targets from which a scan by one of ours is grave: what Elastic's sweep rule asks for.</summary>
    private const int ManyTargets = 100;

    private Timestamp _hour = Timestamp.Min;
    private int _namedThisHour;

    /// <returns>True when something was said.</returns>
    public bool Judge(ScanSuspect suspect, Timestamp now, ISignSink signs)
    {
        var said = false;
        if (suspect.Level >= FirstContactWalk.Certain)
        {
            var top = suspect.TopTarget;
            var targets = suspect.Targets;
            if (suspect.Services.Share(FewServices) >= InCommon && IsHorizontal(suspect, targets)) said = Say(suspect, Horizontal(suspect, targets, now), signs);
            else if (suspect.Kind is ScanKind.Tcp or ScanKind.Udp && top.AtLeast >= PortsFor(suspect) && top.AtLeast * 2 >= suspect.Failed) said = Say(suspect, Vertical(suspect, top.Key, top.AtLeast, now), signs);
        }
        if (suspect.IsHome && suspect.Marked >= 3) said |= Say(suspect, Marked(suspect), signs);
        return said;
    }

    private static bool Say(ScanSuspect suspect, Sign sign, ISignSink signs)
    {
        signs.Add(sign);
        return true;
    }

    private bool IsHorizontal(ScanSuspect suspect, double targets)
    {
        var service = (ushort)suspect.Services.Heaviest;
        return suspect.Kind switch
        {
            // Everybody's services: an uplink that is down makes them all fall silent.
            ScanKind.Tcp when suspect.IsHome && service is 80 or 443 && suspect.Refused * 2 < suspect.Failed => suspect.TargetsAtOnce >= options.SilentTargets,
            ScanKind.Tcp => targets >= options.Targets,
            // Firewalls swallow UDP: of QUIC and STUN every client tries many.
            ScanKind.Udp => ServicePorts.IsKnown(service) && service is not (443 or 3478) && suspect.AnswersSeen && suspect.TargetsAtOnce >= options.SilentTargets,
            _ => suspect.AnswersSeen ? targets >= options.Targets : suspect.TargetsAtOnce >= options.SilentTargets,
        };
    }

    private int PortsFor(ScanSuspect suspect) => suspect.Kind == ScanKind.Tcp ? options.Ports : Math.Max(options.Ports, options.SilentTargets);

    private Sign Horizontal(ScanSuspect suspect, double targets, Timestamp now)
    {
        var name = suspect.Kind switch { ScanKind.Arp => SignNames.ArpScan, ScanKind.Icmp => SignNames.PingSweep, _ => SignNames.HorizontalScan };
        var service = suspect.Kind is ScanKind.Tcp or ScanKind.Udp ? string.Create(CultureInfo.InvariantCulture, $" port {suspect.Services.Heaviest}") : "";
        var others = suspect.Kind is ScanKind.Tcp or ScanKind.Udp && suspect.Services.Share(1) < InCommon ? " and a few more" : "";
        return Base(suspect, name, Severity(suspect, targets, now), string.Create(CultureInfo.InvariantCulture,
            $"{Examination.Count(suspect.Failed)} of {Examination.Count(suspect.Failed + suspect.Succeeded)} first contacts by {suspect.Kind.Word()}{service}{others} failed ({Examination.Count(suspect.Refused)} refused), to about {Examination.Count(targets)} hosts in {Span(suspect)}: sequential test {suspect.Level:0.0} >= {FirstContactWalk.Certain:0.0}"),
            $"would not have been said of fewer than {options.Targets} hosts, or with ten more successes") with
        {
            Target = null,
        };
    }

    private Sign Vertical(ScanSuspect suspect, IpAddr target, long ports, Timestamp now) => Base(suspect, SignNames.VerticalScan, Severity(suspect, ports, now, oneTarget: true), string.Create(CultureInfo.InvariantCulture,
            $"{Examination.Count(ports)} ports of {target} were tried by {suspect.Kind.Word()} in vain ({Examination.Count(suspect.Refused)} refused) in {Span(suspect)}: {Examination.Count(ports)} >= {PortsFor(suspect)}, sequential test {suspect.Level:0.0} >= {FirstContactWalk.Certain:0.0}"),
            $"would not have been said of fewer than {PortsFor(suspect)} ports") with
    {
        Target = new Prefix(target, target.Bits),
    };

    private static Sign Marked(ScanSuspect suspect) => Base(suspect, SignNames.MiraiScan, Incidents.Severity.High,
        $"{suspect.Marked}{(suspect.Marked == byte.MaxValue ? " or more" : "")} of its SYNs bear the destination's address as sequence number, which only Mirai and its kin write",
        "would not have been said of fewer than 3 such SYNs") with
    {
        Confirmed = true,
        Confidence = 0.99,
        WorksTo = 1_000,
    };

    private static Sign Base(ScanSuspect suspect, string name, Severity severity, string because, string counterfactual) => new()
    {
        Behaviour = "scan",
        Name = name,
        Family = SignNames.FamilyOf(name),
        Host = suspect.Host,
        Weight = suspect.IsHome ? SignNames.WeightOf(name) : 0,
        Confidence = Math.Round(1 - Math.Exp(-suspect.Level / FirstContactWalk.Suspicious), 2) is var c && c > 0.99 ? 0.99 : c,
        From = suspect.First,
        To = suspect.Last,
        Because = because,
        Counterfactual = counterfactual,
        Inputs =
        [
            new("failed", suspect.Failed), new("refused", suspect.Refused), new("succeeded", suspect.Succeeded), new("targets", Math.Round(suspect.Targets)),
            new("targetsIn5Minutes", Math.Round(suspect.TargetsAtOnce)), new("logLikelihoodRatio", Math.Round(suspect.Level, 2)),
        ],
        WorksTo = WorksTo,
        SamplingRate = suspect.SamplingRate,
        Direct = new DirectIncident(IncidentKind.Scan, severity),
        Packets = suspect.Packets,
        SampledPackets = suspect.SampledPackets,
        Flows = suspect.Flows,
    };

    /// <param name="tried">Hosts or ports.</param>
    private Severity Severity(ScanSuspect suspect, double tried, Timestamp now, bool oneTarget = false)
    {
        if (suspect.IsHome) return tried >= (oneTarget ? 10 * ManyTargets : ManyTargets) ? Incidents.Severity.High : Incidents.Severity.Medium;
        // A few ports of one host in a day are what everybody on the Internet gets.
        if (oneTarget && tried < ManyTargets) return Incidents.Severity.Low;
        if (suspect.IsNamed) return Incidents.Severity.Medium;
        if (now - _hour >= TimeSpan.FromHours(1)) (_hour, _namedThisHour) = (now, 0);
        if (_namedThisHour >= options.MaxScannersAnHour) return Incidents.Severity.Low;
        _namedThisHour++;
        suspect.IsNamed = true;
        return Incidents.Severity.Medium;
    }

    private static string Span(ScanSuspect suspect)
    {
        var span = suspect.Last - suspect.First;
        return span.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.0} h") : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");
    }
}
