using System.CommandLine;
using Breakwater.Engine.Storage;
using Breakwater.Server.Hosting;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater serve</c>: watches until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var config = ConfigurationArgument.Create();
        var simulate = new Option<bool>("--simulate") { Description = "Watch generated traffic with attacks in it instead of the network." };
        var replay = new Option<string[]>("--replay") { Description = "Watch captures instead of the network, in their own time.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
        var command = new Command("serve", "Watch the network: receive flows, capture packets, detect, keep and show; do about attacks what the configuration allows, by default nothing.") { config, simulate, replay };
        command.Validators.Add(result =>
        {
            if (result.GetValue(simulate) && result.GetValue(replay) is { Length: > 0 }) result.AddError("--simulate and --replay exclude each other");
        });
        command.SetAction((parsed, cancel) =>
        {
            var files = parsed.GetValue(replay) ?? [];
            if (files.FirstOrDefault(f => !File.Exists(f)) is { } missing) throw new CommandFailedException($"no file {missing}", ExitCode.Input);
            var source = files.Length > 0 ? TrafficSource.Replay(files) : parsed.GetValue(simulate) ? TrafficSource.Simulated : TrafficSource.Live;
            return ServeAsync(parsed.GetValue(config), source, parsed.InvocationConfiguration.Error, cancel);
        });
        return command;
    }

    private static async Task<int> ServeAsync(string? config, TrafficSource source, TextWriter error, CancellationToken cancel)
    {
        var options = ConfigurationArgument.Load(config);
        await using var service = BreakwaterHost.Build(options, source, config);
        try
        {
            await service.StartAsync(cancel);
        }
        // A secret or a key that is not where the configuration says is no bug of ours either.
        catch (Exception refused) when (refused is StoreException or InvalidDataException)
        {
            throw new CommandFailedException(refused.Message, ExitCode.Failure);
        }
        await StartupSummary.WriteAsync(error, options, source, service);
        await service.WaitForShutdownAsync(cancel);
        return Environment.ExitCode;
    }
}
