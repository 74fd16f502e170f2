using Breakwater.Core.Behaviour;
using Breakwater.Core.Incidents;
using Breakwater.Engine.Storage;

namespace Breakwater.Engine.Incidents;

/// <summary>Takes back what was said in the past of hosts that may do it now.</summary>
internal static class PastIncidents
{
    private const int Page = 200;

    /// <summary>Ended incidents all of whose signs are excepted, as they are to be stored from now on.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static IReadOnlyList<Incident> Withdrawn(IStore store, IReadOnlyList<BehaviourException> exceptions)
    {
        var withdrawn = new Dictionary<string, Incident>();
        foreach (var exception in exceptions)
        {
            IncidentCursor? before = null;
            while (true)
            {
                var page = store.FindIncidents(new IncidentQuery(State: IncidentState.Ended, AtLeast: Severity.Low, Target: exception.Host, Before: before, Limit: Page));
                foreach (var incident in page)
                {
                    // Lists come without evidence, which stays.
                    if (BehaviourException.CoverAll(exceptions, incident) && store.FindIncident(incident.Id) is { } whole) withdrawn[incident.Id] = BehaviourException.Withdraw(whole);
                }
                if (page.Count < Page) break;
                before = new IncidentCursor(page[^1].Start, page[^1].Id);
            }
        }
        return [.. withdrawn.Values];
    }
}
