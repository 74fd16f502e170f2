using System.Runtime.InteropServices;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Hosting;

/// <summary>On SIGHUP, checks the configuration file and says what a restart would make of it. Without this, SIGHUP would end the process.</summary>
internal sealed class ConfigurationSignal(ILogger<ConfigurationSignal> logger, string? file = null) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Check();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _registration?.Dispose();

    private void Check()
    {
        var result = ConfigurationFile.Load(file);
        foreach (var problem in result.Problems) logger.ConfigurationMistake(file, problem);
        if (result.IsGood) logger.ConfigurationGood(file ?? "built-in defaults");
    }
}
