using System.Globalization;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Nothing begins by itself on numbers that cannot be trusted: it is shown, with what is wrong, and a person may approve it.</summary>
public sealed class DataQualityRail(RailOptions options) : IGuardRail
{
    public string Name => "data-quality";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        // People and DOTS clients go by what they see themselves; a list that leans on an incident stands on the same numbers as the incident.
        if (mitigation.Origin is not (MitigationOrigin.Incident or MitigationOrigin.Feed) || mitigation.Approvers.Count > 0 || mitigation.Activated is not null) return null;
        if (context.Quality is not { } quality) return "nothing is known of the numbers behind it";
        if (quality.SampledPackets < options.MinSampledPackets)
            return Text($"only {quality.SampledPackets} packets of the attack were really seen, and {options.MinSampledPackets} are wanted");
        if (!quality.SamplingKnown) return "the sampling rate of the exporter is not known";
        if (quality.ExporterSilence > options.ExporterTimeout) return Text($"the exporter has been silent for {quality.ExporterSilence.Value.TotalSeconds:0} s");
        if (quality.ClockSkew is { } skew && skew.Duration() > options.MaxClockSkew) return Text($"the exporter's clock is off by {skew.TotalSeconds:0} s");
        return quality.Loss > options.MaxLoss ? Text($"{100 * quality.Loss:0.#} % of the exporter's records are lost") : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
