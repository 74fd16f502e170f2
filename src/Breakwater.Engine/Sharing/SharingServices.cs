using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Sharing;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Engine.Sharing;

/// <summary>Puts sharing into a host.</summary>
public static class SharingServices
{
    /// <summary>Adds <see cref="SharingDesk"/>, and what keeps incidents ready for others.</summary>
    /// <param name="options">Section <c>sharing</c>.</param>
    /// <param name="folder">Folder of the store.</param>
    /// <param name="publishes">False for traffic that is not live: nobody else is told of it.</param>
    /// <remarks>Add it after detection, which it listens to.</remarks>
    public static IServiceCollection AddSharing(this IServiceCollection services, SharingOptions options, string folder, bool publishes)
    {
        services.AddSingleton<SharingMetrics>();
        services.AddSingleton(provider => new SharingDesk(options, provider.GetRequiredService<HomeNetwork>(), folder, provider.GetRequiredService<TimeProvider>()));
        if (publishes) services.AddHostedService(provider => ActivatorUtilities.CreateInstance<SharingService>(provider));
        return services;
    }

    /// <summary>Adds what fills the <see cref="KnownBadBoard"/> of the <see cref="Surroundings"/>, which detection brings.</summary>
    /// <param name="options">Section <c>feeds</c>.</param>
    /// <param name="folder">Folder of the store; what the feeds said last is kept there.</param>
    public static IServiceCollection AddFeeds(this IServiceCollection services, FeedsOptions options, string folder)
    {
        services.AddSingleton(provider => provider.GetRequiredService<Surroundings>().KnownBad);
        services.AddSingleton(options);
        services.AddSingleton<FeedMetrics>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<FeedService>(provider, options, folder));
        services.AddHostedService(provider => provider.GetRequiredService<FeedService>());
        return services;
    }
}
