using Breakwater.Core.Incidents;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Breakwater.Server.Api;

/// <summary>What the OpenAPI document says beyond what the routes say themselves.</summary>
internal static class OpenApiDescription
{
    private static readonly Dictionary<string, string[]> ClosedLists = new()
    {
        ["kind"] = [.. Enum.GetValues<IncidentKind>().Select(k => k.Name())],
        ["state"] = [.. Enum.GetValues<IncidentState>().Select(s => s.Name())],
        ["severity"] = [.. Enum.GetValues<Severity>().Select(s => s.Name())],
    };

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Breakwater",
                Version = "v1",
                Description = "Attacks seen in network traffic: incidents with their evidence, exporters, traffic and live events. "
                    + "Errors are problem details (RFC 9457). Times are RFC 3339; counts and rates are estimates before sampling.",
            };
            // Where the API is reached is the reader's business, and a host name in the document may be anybody's.
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A token of api.tokens. On the machine itself none is needed to look, unless api.allow_loopback_viewer is false.",
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in operation.Parameters ?? [])
            {
                if (parameter.Schema is not OpenApiSchema schema) continue;
                if (parameter.Name is "limit" or "step") schema.Type = JsonSchemaType.Integer;
                if (parameter.Name is "from" or "to") schema.Format = "date-time";
                if (parameter.Name is { } name && ClosedLists.TryGetValue(name, out var values)) schema.Enum = [.. values.Select(v => (System.Text.Json.Nodes.JsonNode)v)];
            }
            return Task.CompletedTask;
        });
    }
}
