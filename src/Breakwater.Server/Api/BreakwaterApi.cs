using Breakwater.Engine.Detection;
using Breakwater.Engine.Hygiene;
using Breakwater.Server.Metrics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Breakwater.Server.Api;

/// <summary>Puts the HTTP API, the page and the metrics into a host.</summary>
/// <remarks>Works with any IStore, LiveState, IExporterSource, IAssetSource and IReadinessCheck that are registered.</remarks>
public static class BreakwaterApi
{
    private const string MetricsPolicy = "metrics";

    public static WebApplicationBuilder AddBreakwaterApi(this WebApplicationBuilder builder, ApiOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Listen);
            kestrel.AddServerHeader = false;
            // Nothing here takes more than a few parameters.
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Limits.MaxRequestLineSize = 8 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.MaxConcurrentConnections = 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LiveState>();
        services.AddSingleton(options);
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton<BouncerFeed>();
        services.AddSingleton<ScoreKeeper>();
        // Made now, so that it hears of every instrument from its first count on.
        services.AddSingleton(new MetricsCollector());
        services.AddSingleton<EventBroadcaster>();
        services.AddHostedService(provider => provider.GetRequiredService<EventBroadcaster>());
        services.AddProblemDetails();
        services.AddOpenApi("v1", OpenApiDescription.Configure);
        services.AddAuthentication(TokenAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(nameof(ApiRole.Viewer)).Build())
            .AddPolicy(TaxiiEndpoints.PartnerPolicy, policy => policy.RequireRole(nameof(ApiRole.Partner)))
            .AddPolicy(MitigationEndpoints.OperatorPolicy, policy => policy.RequireRole(nameof(ApiRole.Operator)))
            .AddPolicy(MetricsPolicy, policy => policy.RequireAssertion(c =>
                c.User.IsInRole(nameof(ApiRole.Viewer)) || (c.Resource is HttpContext http && Loopback.IsOurs(http))));
        return builder;
    }

    public static WebApplication MapBreakwaterApi(this WebApplication app)
    {
        app.UseMiddleware<Guard>();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = Problems.Handle });
        app.UseStatusCodePages();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();

        var api = app.MapGroup("/api/v1");
        IncidentEndpoints.Map(api);
        ExporterEndpoints.Map(api);
        AssetEndpoints.Map(api);
        TrafficEndpoints.Map(api);
        EventEndpoints.Map(api);
        MitigationEndpoints.Map(api);
        SharingEndpoints.Map(api);
        FeedEndpoints.Map(api);
        CaseEndpoints.Map(api);
        RpkiEndpoints.Map(api);
        ScoreEndpoints.Map(api);
        HealthEndpoints.Map(app, api);
        BouncerEndpoints.Map(app);
        TaxiiEndpoints.Map(app);
        app.MapGet("/metrics", (MetricsCollector metrics) => Results.Text(metrics.Collect(), PrometheusText.ContentType))
            .WithTags("Health").WithName("getMetrics").WithSummary("Metrics in Prometheus' text format").RequireAuthorization(MetricsPolicy);
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        PageEndpoints.Map(app);
        return app;
    }
}
