using Breakwater.Core.Incidents;

namespace Breakwater.Core.Behaviour;

/// <summary>Adds to what is said of a host of ours what the host says of itself, so that whoever goes to look for it knows what to look for.</summary>
internal sealed class IntroducedIncidents(IIncidentSink incidents, AssetFacts assets) : IIncidentSink
{
    public void Publish(Incident incident)
    {
        if (incident.Host is { } host && assets.Introduce(host) is { } introduction) incident = incident with { Explanation = $"{incident.Explanation} {introduction}" };
        incidents.Publish(incident);
    }
}
