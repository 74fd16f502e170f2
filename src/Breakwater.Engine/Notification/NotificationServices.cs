using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Engine.Notification;

/// <summary>Puts notification into a host.</summary>
public static class NotificationServices
{
    /// <summary>Adds the script and the notifiers of the composition, as far as the section gives them something to do.</summary>
    /// <param name="options">Section <c>notifications</c>.</param>
    /// <remarks>Add it after detection and mitigation, which it listens to.</remarks>
    public static IServiceCollection AddNotifications(this IServiceCollection services, NotificationOptions options, Composition composition)
    {
        services.AddSingleton<NotificationMetrics>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ScriptNotifier>(provider, options.Script));
        services.AddHostedService<ScriptNotifierService>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<NotificationService>(provider, composition.CreateNotifiers(options, provider), options));
        return services;
    }
}
