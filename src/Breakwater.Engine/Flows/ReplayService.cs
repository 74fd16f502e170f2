using Breakwater.Engine.Analysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Flows;

/// <summary>Puts captures into the queue as fast as detection takes them: the traffic's own time is what counts.</summary>
public sealed class ReplayService(IReadOnlyList<string> files, BatchQueue queue, ILogger<ReplayService> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() =>
    {
        foreach (var file in files) Replay(file, stoppingToken);
        queue.Complete();
    }, stoppingToken);

    private void Replay(string file, CancellationToken cancel)
    {
        using var reader = CaptureInput.Read(CaptureInput.Open(file), file);
        long flows = 0;
        while (!cancel.IsCancellationRequested)
        {
            // A batch points into the reader's buffer, which the next read overwrites: detection must be done with it by then.
            var waited = new SpinWait();
            while (queue.InUse > 0 && !cancel.IsCancellationRequested) waited.SpinOnce();
            var batch = queue.Rent();
            if (!reader.Read(batch))
            {
                queue.Return(batch);
                break;
            }
            flows += batch.Count;
            queue.Enqueue(batch);
        }
        logger.Replayed(file, reader.Packets, flows);
        foreach (var problem in reader.Problems) logger.ReplayProblem(file, problem);
    }
}
