using Breakwater.Core.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Engine.Rpki;

/// <summary>Puts the RPKI client into a host.</summary>
public static class RpkiServices
{
    /// <param name="options">Section <c>rpki</c>; without a cache nothing is added.</param>
    /// <param name="home">What is announced where the section does not say.</param>
    /// <param name="ownAs">Our AS where the section does not say; 0 for none.</param>
    /// <remarks>Add it before mitigation, which asks it about announcements.</remarks>
    public static IServiceCollection AddRpki(this IServiceCollection services, RpkiOptions options, IReadOnlyList<Prefix> home, uint ownAs)
    {
        if (options.Cache is null) return services;
        IReadOnlyList<Prefix> announced = options.Announced.Count > 0 ? options.Announced : [.. home.Where(p => !Bogons.OverlapsLocal(p))];
        IReadOnlyList<uint> origins = options.Origins.Count > 0 ? options.Origins : ownAs == 0 ? [] : [ownAs];
        services.AddSingleton(options);
        services.AddSingleton(new RpkiCache(options, announced, origins));
        services.AddHostedService<RpkiService>();
        return services;
    }
}
