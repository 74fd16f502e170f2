using Breakwater.Core.Net;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Engine.Dots;

/// <summary>Puts DOTS into a host.</summary>
public static class DotsServices
{
    /// <summary>Adds the server with its data channel, as far as the section asks for them; the mitigator that asks upstreams is in the composition.</summary>
    /// <param name="options">Section <c>dots</c>.</param>
    /// <param name="owned">Where sources may lie that others ask us to stop (Call Home).</param>
    /// <remarks>Add it after mitigation, which it asks.</remarks>
    public static IServiceCollection AddDots(this IServiceCollection services, DotsOptions options, IReadOnlyList<Prefix> owned)
    {
        services.AddSingleton(options);
        services.AddSingleton<IDotsDesk, MitigationDesk>();
        services.AddSingleton<DotsDataStore>();
        services.AddSingleton<IDotsDirectory>(provider => provider.GetRequiredService<DotsDataStore>());
        if (options.Server.Listen.Count > 0 || options.CallHome.Count > 0)
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<DotsServerService>(provider, options.Server, new DotsCallHome(options.CallHome, owned)));
        if (options.Server.DataChannel.Count > 0)
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<DotsDataChannelService>(provider, options.Server));
        return services;
    }
}
