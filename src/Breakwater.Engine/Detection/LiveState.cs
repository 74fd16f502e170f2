using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;

namespace Breakwater.Engine.Detection;

/// <summary>What is going on now, for the API, the page and the terminal. Written by the detection loop, read by anyone.</summary>
public sealed class LiveState : IIncidentSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Incident> _incidents = [];
    private TrafficSnapshot _traffic = TrafficSnapshot.Empty;

    /// <summary>Raised after each change of an incident, on the detection loop's thread: handlers must only queue.</summary>
    public event Action<Incident>? IncidentChanged;

    /// <summary>Raised once a second, on the detection loop's thread: handlers must only queue.</summary>
    public event Action<TrafficSnapshot>? TrafficChanged;

    /// <summary>Raised after each change of a mitigation, on the mitigation service's thread: handlers must only queue.</summary>
    public event Action<Mitigation>? MitigationChanged;

    public TrafficSnapshot Traffic => Volatile.Read(ref _traffic);

    /// <summary>Incidents not ended, newest first.</summary>
    public IReadOnlyList<Incident> OpenIncidents
    {
        get { lock (_gate) return [.. _incidents.Values.OrderByDescending(i => i.Start).ThenBy(i => i.Id, StringComparer.Ordinal)]; }
    }

    public void Publish(Incident incident)
    {
        lock (_gate)
        {
            if (incident.State == IncidentState.Ended) _incidents.Remove(incident.Id);
            else _incidents[incident.Id] = incident;
        }
        IncidentChanged?.Invoke(incident);
    }

    public void Publish(Mitigation mitigation) => MitigationChanged?.Invoke(mitigation);

    public void Publish(TrafficSnapshot traffic)
    {
        Volatile.Write(ref _traffic, traffic);
        TrafficChanged?.Invoke(traffic);
    }
}
