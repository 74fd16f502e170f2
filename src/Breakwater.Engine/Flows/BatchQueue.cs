using System.Collections.Concurrent;
using System.Threading.Channels;
using Breakwater.Core.Flows;

namespace Breakwater.Engine.Flows;

/// <summary>The one bounded queue between receivers and the detection loop, and the pool that batches return to. Thread-safe.</summary>
/// <remarks>Full means drop and count: a flood must not fill memory. 64 batches are at most 262,144 flows, 23 MiB.</remarks>
public sealed class BatchQueue
{
    private readonly Channel<FlowBatch> _queue;
    private readonly ConcurrentBag<FlowBatch> _pool = [];
    private long _dropped;
    private int _inUse;

    /// <param name="batches">Batches that may wait, 2 to 4096.</param>
    public BatchQueue(int batches = 64) =>
        _queue = Channel.CreateBounded<FlowBatch>(new BoundedChannelOptions(batches) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Flows dropped because the queue was full.</summary>
    public long DroppedFlows => Interlocked.Read(ref _dropped);

    /// <summary>Batches waiting now.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Batches rented and not yet returned.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    public ChannelReader<FlowBatch> Reader => _queue.Reader;

    /// <summary>An empty batch from the pool.</summary>
    public FlowBatch Rent()
    {
        Interlocked.Increment(ref _inUse);
        return _pool.TryTake(out var batch) ? batch : new FlowBatch();
    }

    /// <summary>Hands a batch over; when the queue is full its flows are counted as dropped and the batch goes back to the pool.</summary>
    public void Enqueue(FlowBatch batch)
    {
        if (_queue.Writer.TryWrite(batch)) return;
        Interlocked.Add(ref _dropped, batch.Count);
        Return(batch);
    }

    /// <summary>As <see cref="Enqueue"/>, but waits for room: for files, which can wait.</summary>
    public async ValueTask EnqueueAsync(FlowBatch batch, CancellationToken cancel) => await _queue.Writer.WriteAsync(batch, cancel).ConfigureAwait(false);

    public void Return(FlowBatch batch)
    {
        batch.Clear();
        _pool.Add(batch);
        Interlocked.Decrement(ref _inUse);
    }

    /// <summary>No more batches will come; the reader drains what is there and ends.</summary>
    public void Complete() => _queue.Writer.TryComplete();
}
