using System.Globalization;
using System.Text;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Behaviour;

/// <summary>Makes an incident of signs: numbers, claims, plain words.</summary>
internal static class CaseText
{
    private const int MaxSources = 100;
    private const int MaxFlows = 256;

    /// <summary>Signs told in words.</summary>
    private const int MaxTold = 8;

    /// <param name="signs">Those that the story is made of, heaviest first; not empty.</param>
    public static Incident Tell(CaseKey key, IncidentKind kind, string hostGroup, IReadOnlyList<Sign> signs, Verdict verdict, Timestamp now)
    {
        var infected = kind == IncidentKind.InfectedHost;
        var targets = signs.Where(s => s.Target is not null).Select(s => s.Target!.Value).Distinct().ToArray();
        var start = signs.Min(s => s.From);
        var doubt = signs.Aggregate(1.0, (d, s) => d * (1 - s.Confidence));
        var sampled = signs.Max(s => s.SampledPackets);
        var isSampled = signs.Any(s => s.SamplingRate > 1);
        var incident = new Incident
        {
            Id = IncidentRecord.IdOf(kind, key.About, start),
            Kind = kind,
            State = IncidentState.Open,
            Severity = infected ? verdict.Severity : signs.Max(s => s.Direct!.Severity),
            Confidence = Math.Round(infected ? Math.Min(0.99, verdict.Probability) : Math.Min(0.99, 1 - doubt), 2),
            Target = key.Host.IsNone ? key.About : !infected && targets.Length == 1 ? targets[0] : null,
            Host = key.Host.IsNone ? null : key.Host,
            HostGroup = hostGroup,
            Sources = [.. signs.SelectMany(s => s.Sources).Distinct().Take(MaxSources)],
            SourceCount = signs.Max(s => s.SourceCount),
            Vectors = [.. signs.Select(s => s.Name).Distinct()],
            Start = start,
            LastSeen = signs.Max(s => s.To),
            DetectedAt = now,
            Packets = signs.Max(s => s.Packets),
            SampledPackets = sampled,
            RelativeError = isSampled && sampled > 0 ? Math.Round(1.96 / Math.Sqrt(sampled), 3) : 0,
            Quality = isSampled ? DataQuality.Coarse : DataQuality.Good,
            Findings = [.. signs.Select(s => FindingOf(s, kind, key, infected ? verdict.Severity : s.Direct!.Severity))],
            Evidence = new Evidence([.. signs.SelectMany(s => s.Flows).Take(MaxFlows)], [], 1),
            Explanation = "",
        };
        return incident with { Explanation = Explain(incident, key, signs, verdict) };
    }

    private static Finding FindingOf(Sign sign, IncidentKind kind, CaseKey key, Severity severity) => new()
    {
        Detector = sign.Behaviour,
        Kind = kind,
        Target = sign.Target ?? key.About,
        Vector = sign.Name,
        From = sign.From,
        To = sign.To,
        SampledPackets = sign.SampledPackets,
        Quality = sign.SamplingRate > 1 ? DataQuality.Coarse : DataQuality.Good,
        Confidence = Math.Round(sign.Confidence, 2),
        Severity = severity,
        Because = sign.Because,
        Counterfactual = sign.Counterfactual,
        Inputs = [.. sign.Inputs, new("weight", sign.Weight), new("worksToSampling", sign.WorksTo)],
    };

    private static string Explain(Incident incident, CaseKey key, IReadOnlyList<Sign> signs, Verdict verdict)
    {
        var text = new StringBuilder();
        var who = key.Host.IsNone ? key.About.ToString() : key.Host.ToString();
        text.Append(CultureInfo.InvariantCulture, $"{who} {Verb(incident.Kind, key.Host.IsNone)}: {string.Join(", ", incident.Vectors)}.");
        foreach (var sign in signs.Take(MaxTold)) text.Append(CultureInfo.InvariantCulture, $" {char.ToUpperInvariant(sign.Because[0])}{sign.Because[1..]}.");
        if (signs.Count > MaxTold) text.Append(CultureInfo.InvariantCulture, $" And {signs.Count - MaxTold} more of the same: see the findings.");
        if (incident.Kind != IncidentKind.InfectedHost) return text.ToString();
        text.Append(CultureInfo.InvariantCulture, $" Together {Examination.Percent(verdict.Probability)} likely, from {verdict.Families} kind{(verdict.Families == 1 ? "" : "s")} of evidence");
        text.Append(CultureInfo.InvariantCulture, $" ({string.Join(", ", signs.GroupBy(s => s.Family).Select(f => $"{f.Key.Name()} +{f.Max(s => s.Weight * s.Confidence):0.0}"))} to log-odds of {verdict.Prior:0.0}{(verdict.Capped ? $"; what ordinary devices do as well counts {HostCase.MaxHabits} together" : "")}).");
        return text.ToString();
    }

    private static string Verb(IncidentKind kind, bool passive) => kind switch
    {
        IncidentKind.Scan => passive ? "is scanned by many" : "scans",
        IncidentKind.BruteForce => passive ? "is guessed at by many" : "guesses passwords",
        IncidentKind.OutboundAttack => "abuses others",
        IncidentKind.Reflector => "can be used to amplify attacks",
        IncidentKind.Spoofing => "sees forged sources at an interface of its",
        IncidentKind.Exposure => "can be reached from outside and should not",
        _ => "behaves like an infected host",
    };
}
