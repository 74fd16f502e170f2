using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Simulation;
using Breakwater.Engine;
using Breakwater.Engine.Cases;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Dots;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Health;
using Breakwater.Engine.Hygiene;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Net;
using Breakwater.Engine.Notification;
using Breakwater.Engine.Rpki;
using Breakwater.Engine.Sharing;
using Breakwater.Engine.Storage;
using Breakwater.Server.Api;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Hosting;

/// <summary>Puts the parts of a service together: receivers or a substitute, one queue, one detection loop, store, API, and what may be done about attacks.</summary>
public static class BreakwaterHost
{
    /// <summary>Builds the service; nothing is opened before it is started.</summary>
    /// <param name="options">Checked already.</param>
    /// <param name="source">Where traffic comes from.</param>
    /// <param name="file">The file that the options came from, null for the defaults: read again at SIGHUP.</param>
    public static WebApplication Build(BreakwaterOptions options, TrafficSource source, string? file = null)
    {
        // Nothing of the machine's environment or folders configures us: the one file does.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.AddBreakwaterApi(options.Api);
        builder.Logging.AddBreakwaterConsole();

        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new BatchQueue());
        // A host starts in this order and stops in reverse: receivers last and first, so that nothing received is lost.
        services.AddBreakwaterStorage(source.Kind == TrafficKind.Replayed ? KeepingAll(options.Storage) : options.Storage);
        if (source.Kind == TrafficKind.Live) services.AddRpki(options.Rpki, options.Home, options.Mitigation.Bgp.As);
        services.AddMitigation(options, source.Kind);
        services.AddDetection(options, source.Kind);
        services.AddHostedService(provider => new ConfigurationSignal(new ConfigurationReload(
            options, file, provider.GetRequiredService<DetectionService>(), provider.GetServices<FlowListener>(), provider.GetRequiredService<SharingDesk>(), provider.GetRequiredService<FeedService>(),
            provider.GetRequiredService<RoutedPrefixFile>(), provider.GetRequiredService<ILogger<ConfigurationReload>>())));
        services.AddNotifications(options.Notifications, Composition.Default);
        services.AddSharing(options.Sharing, options.Storage.Path, source.Kind == TrafficKind.Live);
        services.AddFeeds(options.Feeds, options.Storage.Path);
        // A replay tells of hosts that were cleaned long ago.
        if (source.Kind != TrafficKind.Replayed) services.AddCases(options.Cases, options.Storage.Path);
        services.AddTraffic(options, source);
        return builder.Build().MapBreakwaterApi();
    }

    /// <summary>What a replay finds may be years old; retention would take it away as soon as it is stored.</summary>
    private static StorageOptions KeepingAll(StorageOptions storage)
    {
        var forever = TimeSpan.FromDays(365 * 200);
        return new StorageOptions { Path = storage.Path, CacheMebibytes = storage.CacheMebibytes, IncidentRetention = forever, RollupRetention = forever };
    }

    /// <summary>A replay is of another time: nothing is done about it. What is simulated is talked about, but no router hears of it.</summary>
    private static void AddMitigation(this IServiceCollection services, BreakwaterOptions options, TrafficKind kind)
    {
        if (kind == TrafficKind.Replayed) return;
        var owned = kind == TrafficKind.Simulated && options.Home.Count == 0 ? SimulatedNetwork.Home : options.Home;
        services.AddMitigation(
            options.Mitigation, owned, options.HostGroups.ToDictionary(g => g.Key, g => g.Value.Modes), HomeAddresses.Reaching(options.Api.Listen), options.Storage,
            kind == TrafficKind.Live ? Composition.Default : null);
        if (kind == TrafficKind.Live) services.AddDots(options.Dots, owned);
    }

    private static void AddDetection(this IServiceCollection services, BreakwaterOptions options, TrafficKind kind)
    {
        var home = options.Home.Count > 0 ? options.Home : kind == TrafficKind.Simulated ? SimulatedNetwork.Home : HomeAddresses.Default();
        var network = new HomeNetwork(home, [.. options.HostGroups]);
        services.AddSingleton(network);
        services.AddSingleton(options.Behaviour);
        services.AddHygiene(options.Behaviour, kind == TrafficKind.Live);
        services.AddSingleton<TrafficFanOut>();
        services.AddSingleton<TelemetryWatch>();
        services.AddSingleton<ITelemetryHealth>(provider => provider.GetRequiredService<TelemetryWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<TelemetryWatch>());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DetectionService>(provider, network, options.Detection, options.Behaviour, Composition.Default, kind == TrafficKind.Replayed));
        services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<DetectionService>());
        services.AddSingleton<IAssetSource>(provider => provider.GetRequiredService<DetectionService>());
        services.AddHostedService(provider =>
        {
            var detection = provider.GetRequiredService<DetectionService>();
            if (provider.GetService<MitigationService>() is { } mitigation) mitigation.MitigatedChanged += detection.Mitigate;
            return detection;
        });
    }

    private static void AddTraffic(this IServiceCollection services, BreakwaterOptions options, TrafficSource source)
    {
        switch (source.Kind)
        {
            case TrafficKind.Live:
                services.AddSingleton(provider => new FlowListener(
                    options.Flows, () => Composition.Default.CreateFlowDecoders(options.Flows.Templates), provider.GetRequiredService<BatchQueue>(),
                    provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>(),
                    new TemplateCacheFile(Path.Combine(options.Storage.Path, "templates"))));
                services.AddSingleton<FlowService>();
                services.AddSingleton<IExporterSource>(provider => provider.GetRequiredService<FlowService>());
                services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<FlowService>());
                services.AddHostedService(provider => provider.GetRequiredService<FlowService>());
                if (!options.Capture.Enabled) break;
                services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PacketCapture>(provider, options.Capture));
                services.AddSingleton<PacketCaptureService>();
                services.AddHostedService(provider => provider.GetRequiredService<PacketCaptureService>());
                break;
            case TrafficKind.Simulated:
                services.AddHostedService<SimulationService>();
                break;
            case TrafficKind.Replayed:
                services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ReplayService>(provider, source.Files));
                break;
        }
    }
}
