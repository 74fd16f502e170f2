using Breakwater.Core.Flows;
using Breakwater.Engine.Storage;

namespace Breakwater.Engine.Detection;

/// <summary>Hands what the detection loop says of the traffic to those who look on and to the store. Both only queue.</summary>
public sealed class TrafficFanOut(LiveState live, TrafficRecorder recorder) : ITrafficSink
{
    public void Publish(TrafficSnapshot snapshot) => live.Publish(snapshot);

    public void Publish(IReadOnlyList<TrafficRollup> rollups) => recorder.Record(rollups);
}
