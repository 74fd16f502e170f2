using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Detection;

/// <summary>Why numbers are worth less than they look. Closed list; the names outsiders see are in <see cref="IncidentNames"/>.</summary>
public enum QualityIssue : byte
{
    /// <summary>The exporter does not say how it samples.</summary>
    SamplingUnknown,

    /// <summary>So few packets were sampled that the error bar is wider than 20 %.</summary>
    FewSamples,

    /// <summary>Sequence numbers show that flow data was lost on the way.</summary>
    DataLost,

    /// <summary>This machine dropped traffic or flow data.</summary>
    DataDropped,

    /// <summary>The exporter's clock is wrong: times of its flows are.</summary>
    ClockSkew,
}

/// <summary>One thing to know about the numbers of a finding.</summary>
/// <param name="Issue">What it is.</param>
/// <param name="Exporter">Whose data it is about; empty where that is not known.</param>
/// <param name="Amount">A share (0 to 1), sampled packets, or seconds of skew, by the issue; 0 where there is no number.</param>
/// <param name="Text">The same in plain words.</param>
public sealed record QualityNote(QualityIssue Issue, string Exporter, double Amount, string Text)
{
    /// <summary>Share of lost or dropped data worth a word.</summary>
    private const double NotedLoss = 0.001;

    /// <summary>Share of lost or dropped data that makes rates doubtful.</summary>
    private const double DoubtfulLoss = 0.01;

    /// <summary>Skew worth a word: exporters send times in whole seconds, and hold flows back for some.</summary>
    private static readonly TimeSpan NotedSkew = TimeSpan.FromSeconds(15);

    /// <summary>Exporters of one kind of traffic that are asked about.</summary>
    private const int MaxExporters = 8;

    /// <summary>What the note does to the verdict.</summary>
    public DataQuality Verdict => Issue switch
    {
        QualityIssue.FewSamples => DataQuality.Coarse,
        QualityIssue.DataLost or QualityIssue.DataDropped when Amount < DoubtfulLoss => DataQuality.Good,
        _ => DataQuality.Doubtful,
    };

    /// <summary>True where the counts themselves may be wrong, not only their times.</summary>
    public bool ConcernsCounts => Issue != QualityIssue.ClockSkew && Verdict != DataQuality.Good;

    /// <summary>Everything to know about a kind of traffic.</summary>
    /// <param name="health">Of whoever counted it; null where nobody knows.</param>
    public static IReadOnlyList<QualityNote> Of(TrafficComponent component, ITelemetryHealth? health)
    {
        List<QualityNote>? notes = null;
        if ((component.AnyFlags & FlowFlags.SamplingUnknown) != 0)
            (notes ??= []).Add(new(QualityIssue.SamplingUnknown, "", 0, "The sampling rate of the exporter is not known: true numbers may be higher"));
        else if (component.Packets > component.SampledPackets && component.SampledPackets < 100)
            (notes ??= []).Add(new(QualityIssue.FewSamples, "", component.SampledPackets, Say($"Only {component.SampledPackets} packets were sampled: counts are ±{196 * Math.Sqrt(1.0 / Math.Max(1, component.SampledPackets)):0} %")));
        if (health is null) return notes ?? (IReadOnlyList<QualityNote>)[];
        Span<ushort> known = stackalloc ushort[MaxExporters];
        var count = 0;
        foreach (ref readonly var flow in component.Sample)
        {
            if (count == MaxExporters || known[..count].Contains(flow.Exporter)) continue;
            known[count++] = flow.Exporter;
            Add(health.Of(flow.Exporter), ref notes);
        }
        return notes ?? (IReadOnlyList<QualityNote>)[];
    }

    private static void Add(TelemetryHealth health, ref List<QualityNote>? notes)
    {
        if (health.LostShare >= NotedLoss)
            (notes ??= []).Add(new(QualityIssue.DataLost, health.Exporter, Math.Round(health.LostShare, 4), Say($"{health.LostShare * 100:0.#} % of the flow data of exporter {health.Exporter} was lost in that minute: real rates are higher")));
        if (health.DroppedShare >= NotedLoss)
            (notes ??= []).Add(new(QualityIssue.DataDropped, health.Exporter, Math.Round(health.DroppedShare, 4), Say($"{health.DroppedShare * 100:0.#} % of what came from {health.Exporter} was dropped by this machine in that minute: real rates are higher")));
        if (health.ClockSkew.Duration() >= NotedSkew)
            (notes ??= []).Add(new(QualityIssue.ClockSkew, health.Exporter, Math.Round(health.ClockSkew.TotalSeconds), Say($"The clock of exporter {health.Exporter} is {health.ClockSkew.Duration().TotalSeconds:0} s {(health.ClockSkew > TimeSpan.Zero ? "fast" : "slow")}: times of its flows are off by as much, rates are not")));
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
