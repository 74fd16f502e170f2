using Breakwater.Engine.Health;
using Breakwater.Engine.Incidents;

namespace Breakwater.Engine.Storage;

/// <summary>The store is up when it takes incidents and answers.</summary>
public sealed class StoreReadiness(IStore store, IncidentPump pump) : IReadinessCheck
{
    public string Name => "store";

    public string? WhyNotReady()
    {
        if (!pump.StoreWorks) return "incidents cannot be stored";
        try
        {
            store.FindIncidents(new IncidentQuery(Limit: 1));
            return null;
        }
        catch (StoreException problem)
        {
            return problem.Message;
        }
    }
}
