using Breakwater.Core.Flows;

namespace Breakwater.Core.Simulation;

/// <summary>Records that will be seen later, in the order of their last packet; those of one moment in the order they came.</summary>
internal sealed class FlowQueue
{
    private readonly PriorityQueue<Flow, (long End, long Number)> _waiting = new();
    private long _added;

    public void Add(in Flow flow) => _waiting.Enqueue(flow, (flow.End.Nanoseconds, _added++));

    /// <summary>Moves everything that ends before a time into a batch.</summary>
    /// <returns>False when the batch is full and something is left.</returns>
    public bool MoveTo(FlowBatch batch, Timestamp before)
    {
        while (_waiting.TryPeek(out var flow, out var order) && order.End < before.Nanoseconds)
        {
            if (!batch.Add(flow)) return false;
            batch.ReceivedAt = flow.End;
            _waiting.Dequeue();
        }
        return true;
    }
}
