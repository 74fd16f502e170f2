using System.Runtime.InteropServices;

namespace Breakwater.Server.Hosting;

/// <summary>On SIGHUP, has the configuration read again. Without this, SIGHUP would end the process.</summary>
internal sealed class ConfigurationSignal(ConfigurationReload reload) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            reload.Run();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _registration?.Dispose();
}
