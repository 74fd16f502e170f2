using Breakwater.Core.Incidents;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Health;
using Breakwater.Engine.Incidents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Breakwater.Engine.Storage;

/// <summary>Puts the store and what writes to it into a host.</summary>
public static class StorageServices
{
    /// <summary>
    /// Adds <see cref="IStore"/> (opened when first asked for: a <see cref="StoreException"/> says what is wrong), <see cref="LiveState"/>,
    /// <see cref="IncidentPump"/> as the <see cref="IIncidentSink"/> that detection publishes to, and <see cref="TrafficRecorder"/>.
    /// </summary>
    /// <remarks>Add it before the detection loop: a host stops in reverse order, so the last incidents are still stored.</remarks>
    public static IServiceCollection AddBreakwaterStorage(this IServiceCollection services, StorageOptions options)
    {
        services.AddSingleton<IStore>(_ =>
        {
            var store = new SqliteStore(options);
            store.Open();
            return store;
        });
        return services.AddBreakwaterPersistence(options);
    }

    /// <summary>The same around an <see cref="IStore"/> that is registered already.</summary>
    public static IServiceCollection AddBreakwaterPersistence(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LiveState>();
        services.AddSingleton(options);
        services.AddSingleton<IncidentPumpMetrics>();
        services.AddSingleton<IncidentPump>();
        services.AddSingleton<IIncidentSink>(provider => provider.GetRequiredService<IncidentPump>());
        services.AddSingleton<TrafficRecorder>();
        services.AddSingleton<IReadinessCheck, StoreReadiness>();
        services.AddHostedService(provider => provider.GetRequiredService<IncidentPump>());
        services.AddHostedService(provider => provider.GetRequiredService<TrafficRecorder>());
        return services;
    }
}
