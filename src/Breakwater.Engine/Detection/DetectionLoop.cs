using System.Collections.Concurrent;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Net;

namespace Breakwater.Engine.Detection;

/// <summary>The one thread that owns detection: takes batches off the queue, lets time pass when there are none.</summary>
/// <remarks>Receivers never wait for it: a queue that is full drops and counts. It waits for nobody: sinks only queue.</remarks>
public sealed class DetectionLoop : IDisposable
{
    /// <summary>How long it sleeps when nothing comes; thresholds of prefixes and the ends of incidents are looked at as often.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);

    /// <summary>What is learnt between two savings is lost by a crash: an hour of a day's learning.</summary>
    private static readonly TimeSpan SaveEvery = TimeSpan.FromHours(1);

    /// <summary>Batches waiting from which on only volume is looked at, a quarter of the queue: what hosts do takes several times as long, and can be seen later.</summary>
    private const int Hurry = 16;

    private readonly BatchQueue _queue;
    private readonly DetectionEngine _engine;
    private readonly TimeProvider _clock;
    private readonly bool _replay;
    private readonly BaselineFile? _baselines;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Action<DetectionEngine>> _errands = new();
    private Thread? _thread;
    private long _flows;

    /// <param name="replay">True: time is that of the traffic, and the end of the queue is the end of the capture.</param>
    /// <param name="baselines">Where what is usual is kept over a restart; null: nowhere.</param>
    public DetectionLoop(BatchQueue queue, DetectionEngine engine, TimeProvider clock, bool replay = false, BaselineFile? baselines = null)
    {
        _baselines = baselines;
        _queue = queue;
        _engine = engine;
        _clock = clock;
        _replay = replay;
    }

    /// <summary>Completes when the queue was completed and drained, or when the loop was stopped; fails when detection failed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Flows judged so far.</summary>
    public long Flows => Interlocked.Read(ref _flows);

    public void Start()
    {
        _thread = HotThread.Create("detection", Run);
        _thread.Start();
    }

    /// <summary>Has something done by the thread that owns detection, between two batches.</summary>
    public void Post(Action<DetectionEngine> errand) => _errands.Enqueue(errand);

    public void Dispose()
    {
        _stop.Cancel();
        _thread?.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            _baselines?.Load(_engine.Baselines);
            var saved = _clock.GetTimestamp();
            while (!_stop.IsCancellationRequested && !_queue.IsDrained)
            {
                while (_errands.TryDequeue(out var errand)) errand(_engine);
                if (_queue.TryDequeue(Idle, out var batch))
                {
                    _engine.Observe(batch, inHurry: !_replay && _queue.Waiting >= Hurry);
                    Interlocked.Add(ref _flows, batch.Count);
                    _queue.Return(batch);
                }
                // While batches wait, they tell the time.
                else if (!_replay) _engine.Advance(Timestamp.From(_clock.GetUtcNow()));
                if (_baselines is not null && _clock.GetElapsedTime(saved) > SaveEvery)
                {
                    saved = _clock.GetTimestamp();
                    var learnt = _engine.Baselines.ToBytes();
                    // Detection does not wait for the disk.
                    _ = Task.Run(() => _baselines.Save(learnt));
                }
            }
            // Asked to stop: open incidents stay open, for the next run to continue.
            if (_stop.IsCancellationRequested) return;
            _engine.Finish(endIncidents: _replay);
            _baselines?.Save(_engine.Baselines.ToBytes());
        }
        catch (Exception failure)
        {
            // A bug of ours: whoever waits for the end stops the service, loudly.
            _ended.TrySetException(failure);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
