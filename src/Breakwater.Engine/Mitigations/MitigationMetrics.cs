using System.Diagnostics.Metrics;
using Breakwater.Core.Mitigations;

namespace Breakwater.Engine.Mitigations;

/// <summary>Meters of the room.</summary>
public sealed class MitigationMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.mitigations");
    private readonly Counter<long> _changes;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _missed;

    public MitigationMetrics(Func<IEnumerable<Mitigation>> all)
    {
        _changes = _meter.CreateCounter<long>("breakwater.mitigations.changes", description: "Mitigations that came into a state");
        _refusals = _meter.CreateCounter<long>("breakwater.mitigations.refusals", description: "Mitigations refused or held back, by rail");
        _missed = _meter.CreateCounter<long>("breakwater.mitigations.missed_incidents", description: "Changes of incidents not looked at, because too many came at once");
        _missed.Add(0);
        _meter.CreateObservableGauge("breakwater.mitigations.in_force", () => Enum.GetValues<MitigationAction>().Select(action =>
            new Measurement<long>(all().Count(m => m.IsWanted && m.Action == action), new KeyValuePair<string, object?>("action", action.Name()))),
            description: "Mitigations in force now");
    }

    public void Changed(Mitigation mitigation)
    {
        _changes.Add(1, new KeyValuePair<string, object?>("state", mitigation.State.Name()));
        if (mitigation.RefusedBy is { } rail) _refusals.Add(1, new KeyValuePair<string, object?>("rail", rail));
    }

    public void Missed() => _missed.Add(1);

    public void Dispose() => _meter.Dispose();
}
