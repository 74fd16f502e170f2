using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Metering;

namespace Breakwater.Core.Detection;

/// <summary>One look at one watched target: its traffic, and what all detectors ask of it.</summary>
public sealed class Examination
{
    /// <summary>Packets of one kind below which its shape says nothing.</summary>
    public const int MinPackets = 100;

    /// <summary>The same where an exporter samples: then a few packets stand for many, and their error bar is shown.</summary>
    public const int MinSampledPackets = 8;

    private readonly HomeNetwork _home;
    private readonly SourceCheck _sources;
    private readonly ITelemetryHealth? _health;

    internal Examination(Watch watch, Timestamp now, HomeNetwork home, DetectionOptions options, SourceCheck sources, ITelemetryHealth? health)
    {
        _health = health;
        _sources = sources;
        Watch = watch;
        Now = now;
        Options = options;
        _home = home;
    }

    public Watch Watch { get; }
    public Timestamp Now { get; }
    public DetectionOptions Options { get; }
    public TrafficProfile In => Watch.In;
    public TrafficProfile Out => Watch.Out;

    /// <summary>True when traffic from the target was seen as well, so that a missing question means something.</summary>
    public bool SeesBothWays => Out.Packets > 0;

    public RateLimits Limits(bool inbound) => (inbound ? _home.Inbound : _home.Outbound)[Watch.Group];

    /// <summary>True when there are enough packets to judge a shape by.</summary>
    /// <remarks>Where an operator has set thresholds and none is passed, a handful of sampled packets is no reason to wake anybody.</remarks>
    public bool IsEnough(TrafficComponent component) =>
        component.SampledPackets >= MinPackets ||
        ((Watch.Alarm is not null || !_home.HasOwnThresholds) && component.SampledPackets >= MinSampledPackets && component.Packets >= MinPackets * 5 && component.Packets >= component.SampledPackets * 2);

    /// <summary>Inside a prefix, only what is spread over it is the prefix's business; what hits one host, or a few one after the other, is theirs.</summary>
    public bool IsSpread(TrafficComponent component) =>
        !Watch.IsPrefix || (IsPartOfAlarm(component) && component.Locals >= 10 && component.LocalShare(1) < 0.5 && component.LocalShare(4) < 0.8
            // A packet or two to each host is a scan; a rate above the prefix's threshold is none, however thin the sampling spreads it.
            && component.SampledPackets >= (Watch.Alarm is not null ? Options.MinSampledPackets : 5 * component.Locals / 2));

    /// <summary>A flood on one host lifts its whole prefix above the threshold: what else goes to the prefix is not to blame, unless it is a tenth of the threshold itself.</summary>
    private bool IsPartOfAlarm(TrafficComponent component)
    {
        if (!_home.HasOwnThresholds) return true;
        var limits = Limits(inbound: true);
        return PacketRate(component) >= 0.1 * limits.PacketsPerSecond || BitRate(component) >= 0.1 * limits.BitsPerSecond;
    }

    /// <summary>Packets per second over the time the component was seen in this window.</summary>
    public static double PacketRate(TrafficComponent component) => component.Packets / component.Seconds;

    public static double BitRate(TrafficComponent component) => component.Bytes * 8 / component.Seconds;

    public double Share(TrafficComponent component, bool inbound = true)
    {
        var all = (inbound ? In : Out).Packets;
        return all > 0 ? component.Packets / all : 0;
    }

    /// <summary>Packets that the target sent to ask for answers from this port.</summary>
    public double Requests(ushort port) => Out.PacketsOf(TrafficKind.UdpRequest, port) + Out.PacketsOf(TrafficKind.UdpAnswer, port);

    /// <summary>How much of a kind of inbound traffic comes from addresses that cannot be real.</summary>
    public ForgedSources ForgedSources(TrafficComponent component) => _sources.Judge(component, Out);

    /// <summary>Makes the finding of one component, with the numbers that every finding has.</summary>
    /// <param name="confidence">Before what coarse data takes off it.</param>
    public Finding Claim(string detector, string vector, TrafficComponent component, bool inbound, double confidence, string because, string counterfactual, params ReadOnlySpan<KeyValuePair<string, double>> inputs)
    {
        var notes = QualityNote.Of(component, _health);
        var quality = DataQuality.Good;
        var counts = DataQuality.Good;
        foreach (var note in notes)
        {
            if (note.Verdict > quality) quality = note.Verdict;
            if (note.ConcernsCounts && note.Verdict > counts) counts = note.Verdict;
        }
        var forged = inbound ? ForgedSources(component) : default;
        var certain = counts switch { DataQuality.Good => 1.0, DataQuality.Coarse => 0.85, _ => 0.8 };
        return new Finding
        {
            Detector = detector,
            Kind = inbound ? IncidentKind.Ddos : IncidentKind.OutboundAttack,
            Target = Watch.Target,
            Vector = vector,
            From = component.Onset,
            To = component.Last,
            PacketsPerSecond = Math.Round(PacketRate(component), 1),
            BitsPerSecond = Math.Round(BitRate(component)),
            Share = Math.Round(Share(component, inbound), 4),
            SampledPackets = component.SampledPackets,
            Quality = quality,
            QualityNotes = notes,
            Confidence = Math.Round(Math.Clamp(confidence * certain, 0.05, 0.99), 2),
            Severity = SeverityOf(component, inbound),
            Because = because,
            Counterfactual = counterfactual,
            Inputs = forged.IsProof ? [.. inputs, new("forgedShare", Math.Round(forged.Share, 3))] : inputs.ToArray(),
            Component = component.Key,
        };
    }

    /// <summary>A count for people: 12, 3,400, 1.2 M.</summary>
    public static string Count(double value) => value switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.0} G"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.0} M"),
        >= 1e4 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0} k"),
        >= 1 => string.Create(CultureInfo.InvariantCulture, $"{value:#,0}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}"),
    };

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");

    /// <summary>By how far the thresholds are passed where the operator set them; else by what part of the target's traffic it is.</summary>
    private Severity SeverityOf(TrafficComponent component, bool inbound)
    {
        var limits = Limits(inbound);
        var seconds = Math.Max(component.Seconds, 1);
        var over = Math.Max(Math.Max(component.Packets / seconds, component.PeakPacketsPerSecond) / limits.PacketsPerSecond,
            Math.Max(component.Bytes * 8 / seconds, component.PeakBitsPerSecond) / limits.BitsPerSecond);
        if (over >= 10) return Severity.Critical;
        if (over >= 2) return Severity.High;
        if (Watch.Alarm is not null || over >= 1) return Severity.Medium;
        if (_home.HasOwnThresholds) return over >= 0.1 ? Severity.Medium : Severity.Low;
        return Share(component, inbound) >= 0.5 && component.Packets >= 1000 ? Severity.High : Severity.Medium;
    }
}
