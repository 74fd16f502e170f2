using Breakwater.Core.Behaviour;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Hygiene;

/// <summary>Puts hygiene into a host: what behaviours know beside traffic, and what fills it.</summary>
public static class HygieneServices
{
    /// <param name="options">Section <c>behaviour</c>.</param>
    /// <param name="asks">True for live traffic: suspected reflectors may be asked, where the options want it.</param>
    /// <remarks>Add it before detection, which reads it.</remarks>
    public static IServiceCollection AddHygiene(this IServiceCollection services, BehaviourOptions options, bool asks)
    {
        services.AddSingleton<Surroundings>();
        services.AddSingleton(provider => new RoutedPrefixFile(
            options.SourceAudit.RoutedFile, provider.GetRequiredService<Surroundings>().Routed, provider.GetRequiredService<ILogger<RoutedPrefixFile>>()));
        services.AddHostedService(provider => provider.GetRequiredService<RoutedPrefixFile>());
        if (!asks || !options.Enabled) return services;
        services.AddSingleton<ReflectorAsker>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ReflectorConfirmation>(
            provider, options.Reflector, provider.GetRequiredService<Surroundings>().Confirmations, (AskReflector)provider.GetRequiredService<ReflectorAsker>().AskAsync));
        return services;
    }
}
