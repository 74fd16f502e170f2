using Breakwater.Core.Flows;
using Breakwater.Core.Simulation;
using Microsoft.Extensions.Hosting;

namespace Breakwater.Engine.Flows;

/// <summary>Plays the traffic simulator into the queue in real time: what a newcomer sees, and what needs no network.</summary>
public sealed class SimulationService(BatchQueue queue, TimeProvider time) : BackgroundService
{
    private const int Seed = 1;

    /// <summary>As often as detection looks; an exporter would be slower.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var simulator = new TrafficSimulator(Seed, Timestamp.From(time.GetUtcNow()));
        using var timer = new PeriodicTimer(Step, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) Play(simulator, Timestamp.From(time.GetUtcNow()));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Play(TrafficSimulator simulator, Timestamp until)
    {
        for (var done = false; !done;)
        {
            var batch = queue.Rent();
            done = simulator.Fill(batch, until);
            if (batch.Count > 0) queue.Enqueue(batch);
            else queue.Return(batch);
        }
    }
}
