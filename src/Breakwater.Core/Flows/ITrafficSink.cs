namespace Breakwater.Core.Flows;

/// <summary>Hears of rates and sums, from the detection loop's thread. Must return at once and must not throw.</summary>
public interface ITrafficSink
{
    /// <summary>Once a second.</summary>
    void Publish(TrafficSnapshot snapshot);

    /// <summary>Once a minute, the minute that ended, by host group, direction and class.</summary>
    void Publish(IReadOnlyList<TrafficRollup> rollups);
}
