using Breakwater.Core.Incidents;

namespace Breakwater.Engine.Incidents;

/// <summary>Hands every change of an incident to whoever acts on it first, then to whoever keeps and shows it. All only queue.</summary>
public sealed class IncidentFanOut(params IReadOnlyList<IIncidentSink> sinks) : IIncidentSink
{
    public void Publish(Incident incident)
    {
        foreach (var sink in sinks) sink.Publish(incident);
    }
}
