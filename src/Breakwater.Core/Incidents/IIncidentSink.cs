namespace Breakwater.Core.Incidents;

/// <summary>Hears of every change of an incident, in order, from the detection loop's thread.</summary>
/// <remarks>Must return at once and must not throw: a slow consumer queues, bounded, and drops with a count.</remarks>
public interface IIncidentSink
{
    /// <param name="incident">The newest snapshot; the same <see cref="Incident.Id"/> comes again at each change.</param>
    void Publish(Incident incident);
}
