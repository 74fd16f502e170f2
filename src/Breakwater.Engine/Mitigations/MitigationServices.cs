using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Health;
using Breakwater.Engine.Incidents;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Engine.Mitigations;

/// <summary>Puts mitigation into a host.</summary>
public static class MitigationServices
{
    /// <summary>Adds <see cref="MitigationService"/>, its book behind the guard rails, the mitigators of the composition, and the control socket.</summary>
    /// <param name="options">Section <c>mitigation</c>.</param>
    /// <param name="owned">Prefixes that are owned where the rails name none: home, as configured.</param>
    /// <param name="modes">Modes of the host groups.</param>
    /// <param name="ownAddresses">Where our API is reached: never touched.</param>
    /// <param name="mitigators">Null for none: traffic that is not live is only talked about.</param>
    /// <remarks>Add it after the storage and before the detection loop, for it must hear of the last incidents too. Replaces the sink that detection publishes to.</remarks>
    public static IServiceCollection AddMitigation(
        this IServiceCollection services, MitigationOptions options, IReadOnlyList<Prefix> owned, IReadOnlyDictionary<string, MitigationModes> modes,
        IReadOnlyList<Prefix> ownAddresses, StorageOptions storage, Composition? mitigators)
    {
        services.AddSingleton(options);
        services.AddSingleton(new ModeTable(options.Modes, modes));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<AuditLog>(provider, Path.Combine(storage.Path, "audit.log")));
        services.AddSingleton<MitigationScribe>();
        services.AddSingleton(provider =>
        {
            var network = provider.GetRequiredService<HomeNetwork>();
            var ways = mitigators?.CreateMitigators(options, provider) ?? [];
            var rails = new GuardRails(options.Rails, owned, [.. ownAddresses, .. ways.SelectMany(m => m.OwnAddresses)], options.Targets());
            var book = new MitigationBook(options.Policy, options.Rails, rails, provider.GetRequiredService<ModeTable>(), address => GroupOf(network, address), options.Targets());
            return ActivatorUtilities.CreateInstance<MitigationService>(provider, book, ways, new SignalReader(provider.GetService<FlowListener>()), storage.Path);
        });
        services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<MitigationService>());
        services.AddSingleton<IIncidentSink>(provider => new IncidentFanOut(provider.GetRequiredService<MitigationService>(), provider.GetRequiredService<IncidentPump>()));
        services.AddHostedService(provider =>
        {
            var service = provider.GetRequiredService<MitigationService>();
            var live = provider.GetRequiredService<LiveState>();
            live.TrafficChanged += service.Observe;
            service.Changed += live.Publish;
            return service;
        });
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ControlSocket>(provider, storage.Path));
        return services;
    }

    private static string GroupOf(HomeNetwork network, IpAddr address) => network.GroupOf(address) is >= 0 and var group ? network.GroupNames[group] : "";
}
