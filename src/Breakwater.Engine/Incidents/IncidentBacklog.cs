using Breakwater.Core.Incidents;

namespace Breakwater.Engine.Incidents;

/// <summary>Snapshots on their way to the store: the newest of each incident, so that an incident takes one place however often it changes. Thread-safe.</summary>
internal sealed class IncidentBacklog(IncidentPumpMetrics metrics)
{
    /// <summary>Incidents that may wait; beyond, the mildest is given up. Only a store that hangs lets so many come together.</summary>
    public const int Capacity = 16_384;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, Incident> _urgent = [];
    private readonly OrderedDictionary<string, Incident> _updates = [];

    /// <summary>State of each incident not ended, as last seen here.</summary>
    private readonly Dictionary<string, IncidentState> _states = [];

    /// <summary>Tells of incidents that are stored and shown already.</summary>
    public void Know(Incident incident)
    {
        lock (_gate) _states[incident.Id] = incident.State;
    }

    /// <returns>True when somebody should hear of it at once: the incident is new or its state changed.</returns>
    public bool Add(Incident incident)
    {
        lock (_gate)
        {
            var urgent = !_states.TryGetValue(incident.Id, out var before) || before != incident.State;
            MakeRoom(incident.Id);
            if (incident.State == IncidentState.Ended) _states.Remove(incident.Id);
            else _states[incident.Id] = incident.State;
            if (urgent || _urgent.ContainsKey(incident.Id))
            {
                _updates.Remove(incident.Id);
                _urgent[incident.Id] = incident;
            }
            else _updates[incident.Id] = incident;
            return urgent;
        }
    }

    /// <summary>Takes what waits, in order of arrival.</summary>
    /// <param name="updatesToo">False takes only what is urgent.</param>
    public IReadOnlyList<Incident> Take(bool updatesToo)
    {
        lock (_gate)
        {
            Incident[] taken = updatesToo ? [.. _urgent.Values, .. _updates.Values] : [.. _urgent.Values];
            _urgent.Clear();
            if (updatesToo) _updates.Clear();
            return taken;
        }
    }

    private void MakeRoom(string newcomer)
    {
        if (_urgent.Count + _updates.Count < Capacity || _urgent.ContainsKey(newcomer) || _updates.ContainsKey(newcomer)) return;
        var queue = _updates.Count > 0 ? _updates : _urgent;
        queue.Remove(queue.Values.MinBy(i => (i.Severity, i.LastSeen))!.Id);
        metrics.GivenUp();
    }
}
