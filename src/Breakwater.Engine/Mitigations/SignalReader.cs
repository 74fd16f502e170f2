using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Flows;

namespace Breakwater.Engine.Mitigations;

/// <summary>Judges how far the numbers behind an incident can be trusted, by the health of the exporters that told of it.</summary>
/// <param name="listener">Null where no flow records are received.</param>
public sealed class SignalReader(FlowListener? listener)
{
    public SignalQuality Of(Incident incident, Timestamp now)
    {
        var numbers = incident.Evidence.Flows.Select(f => f.Exporter).Where(n => n != 0).ToHashSet();
        var exporters = numbers.Count == 0 || listener is null ? [] : listener.Exporters.Exporters.Where(e => numbers.Contains(e.Number)).ToArray();
        return new SignalQuality(
            incident.SampledPackets,
            incident.Quality != DataQuality.Doubtful,
            exporters.Length == 0 ? null : exporters.Max(e => now - e.LastSeen),
            exporters.Select(e => e.ClockSkew).OfType<TimeSpan>().OrderByDescending(s => s.Duration()).Select(s => (TimeSpan?)s).FirstOrDefault(),
            exporters.Length == 0 ? 0 : exporters.Max(Loss));
    }

    /// <summary>NetFlow v5 and IPFIX number their records, the others their datagrams.</summary>
    private static double Loss(Exporter exporter)
    {
        var received = exporter.Protocol is "netflow5" or "ipfix" ? exporter.Flows : exporter.Datagrams;
        return exporter.Lost == 0 ? 0 : (double)exporter.Lost / (exporter.Lost + received);
    }
}
