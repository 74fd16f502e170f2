using Breakwater.Engine.Detection;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.Hosting;

namespace Breakwater.Engine.Notification;

/// <summary>Tells the operator's script of incidents once they are stored and shown.</summary>
public sealed class ScriptNotifierService(ScriptNotifier notifier, LiveState live, IStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        notifier.Start(store.OpenIncidents());
        live.IncidentChanged += notifier.Publish;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        live.IncidentChanged -= notifier.Publish;
        return Task.CompletedTask;
    }
}
