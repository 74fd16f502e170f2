using Breakwater.Core.Cases;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Engine.Cases;

/// <summary>Puts cases into a host.</summary>
public static class CaseServices
{
    /// <summary>Adds <see cref="CaseService"/>.</summary>
    /// <param name="options">Section <c>cases</c>.</param>
    /// <param name="folder">Folder of the store.</param>
    /// <remarks>Add it after detection, which it listens to.</remarks>
    public static IServiceCollection AddCases(this IServiceCollection services, CaseOptions options, string folder)
    {
        services.AddSingleton(_ => new CaseStore(Path.Combine(folder, "sharing.db")));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CaseService>(provider, options));
        services.AddHostedService(provider => provider.GetRequiredService<CaseService>());
        return services;
    }
}
