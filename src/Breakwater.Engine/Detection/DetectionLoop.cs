using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Engine.Flows;

namespace Breakwater.Engine.Detection;

/// <summary>The one thread that owns detection: takes batches off the queue, lets time pass when there are none.</summary>
/// <remarks>Receivers never wait for it: a queue that is full drops and counts. It waits for nobody: sinks only queue.</remarks>
public sealed class DetectionLoop : IDisposable
{
    /// <summary>How long it sleeps when nothing comes; thresholds of prefixes and the ends of incidents are looked at as often.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);

    private readonly BatchQueue _queue;
    private readonly DetectionEngine _engine;
    private readonly TimeProvider _clock;
    private readonly bool _replay;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private Thread? _thread;
    private long _flows;

    /// <param name="replay">True: time is that of the traffic, and the end of the queue is the end of the capture.</param>
    public DetectionLoop(BatchQueue queue, DetectionEngine engine, TimeProvider clock, bool replay = false)
    {
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
        _thread = new Thread(Run) { IsBackground = true, Name = "detection" };
        _thread.Start();
    }

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
            var reader = _queue.Reader;
            Task<bool>? more = null;
            while (!_stop.IsCancellationRequested)
            {
                while (reader.TryRead(out var batch))
                {
                    _engine.Observe(batch);
                    Interlocked.Add(ref _flows, batch.Count);
                    _queue.Return(batch);
                    if (_stop.IsCancellationRequested) return;
                }
                if (!_replay) _engine.Advance(Timestamp.From(_clock.GetUtcNow()));
                // One wait is kept until it ends, however often it is looked at.
                more ??= reader.WaitToReadAsync(_stop.Token).AsTask();
                if (!more.Wait(Idle, _stop.Token)) continue;
                if (!more.Result) break;
                more = null;
            }
            _engine.Finish(endIncidents: _replay);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop: open incidents stay open, for the next run to continue.
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
