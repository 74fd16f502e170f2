using System.Diagnostics.CodeAnalysis;
using Breakwater.Core.Flows;

namespace Breakwater.Engine.Flows;

/// <summary>The one bounded queue between receivers and the detection loop, and the pool that batches return to. Thread-safe.</summary>
/// <remarks>
/// Full means drop and count: a flood must not fill memory. 64 batches are at most 262,144 flows, 23 MiB.
/// A monitor, not a channel: the one reader is a thread of its own, and is woken without a detour through the thread pool.
/// </remarks>
public sealed class BatchQueue
{
    private readonly Queue<FlowBatch> _waiting = new();
    private readonly Lock _poolGate = new();
    private readonly Stack<FlowBatch> _pool = new();
    private readonly int _capacity;
    private long _dropped;
    private int _inUse;
    private bool _completed;

    /// <param name="batches">Batches that may wait, 2 to 4096.</param>
    public BatchQueue(int batches = 64)
    {
        _capacity = batches;
        // All at once, before traffic: to make them when a flood fills the queue would call for the garbage collector just then.
        for (var i = 0; i < batches; i++) _pool.Push(new FlowBatch());
    }

    /// <summary>Flows dropped because the queue was full.</summary>
    public long DroppedFlows => Interlocked.Read(ref _dropped);

    /// <summary>Batches waiting now.</summary>
    public int Waiting
    {
        get { lock (_waiting) return _waiting.Count; }
    }

    /// <summary>Batches rented and not yet returned.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>An empty batch from the pool.</summary>
    public FlowBatch Rent()
    {
        Interlocked.Increment(ref _inUse);
        lock (_poolGate) return _pool.TryPop(out var batch) ? batch : new FlowBatch();
    }

    /// <summary>Hands a batch over; when the queue stays full or is completed its flows are counted as dropped and the batch goes back to the pool.</summary>
    /// <param name="patience">How long to wait for room. A receiver whose kernel buffer holds more than that loses nothing by waiting.</param>
    public void Enqueue(FlowBatch batch, TimeSpan patience = default)
    {
        lock (_waiting)
        {
            if (_waiting.Count >= _capacity && !_completed && patience > TimeSpan.Zero) Monitor.Wait(_waiting, patience);
            if (!_completed && _waiting.Count < _capacity)
            {
                _waiting.Enqueue(batch);
                if (_waiting.Count == 1) Monitor.PulseAll(_waiting);
                return;
            }
        }
        Interlocked.Add(ref _dropped, batch.Count);
        Return(batch);
    }

    /// <summary>Takes the oldest batch, waiting for one if there is none.</summary>
    /// <param name="wait">How long to wait.</param>
    /// <returns>False when the time is up, or nothing more will come: see <see cref="IsDrained"/>.</returns>
    public bool TryDequeue(TimeSpan wait, [MaybeNullWhen(false)] out FlowBatch batch)
    {
        lock (_waiting)
        {
            if (_waiting.Count == 0 && !_completed && wait > TimeSpan.Zero) Monitor.Wait(_waiting, wait);
            if (!_waiting.TryDequeue(out batch)) return false;
            // Half empty, not at the first free place: a receiver that is let in again should be able to hand over more than one.
            if (_waiting.Count == _capacity / 2) Monitor.PulseAll(_waiting);
            return true;
        }
    }

    /// <summary>True when it was completed and everything has been taken.</summary>
    public bool IsDrained
    {
        get { lock (_waiting) return _completed && _waiting.Count == 0; }
    }

    /// <summary>Gives a batch that was dealt with back to the pool.</summary>
    public void Return(FlowBatch batch)
    {
        batch.Clear();
        lock (_poolGate) _pool.Push(batch);
        Interlocked.Decrement(ref _inUse);
    }

    /// <summary>No more batches will come; the reader drains what is there and ends.</summary>
    public void Complete()
    {
        lock (_waiting)
        {
            _completed = true;
            Monitor.PulseAll(_waiting);
        }
    }
}
