using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace Breakwater.Server.Api;

/// <summary>Errors as problem details (RFC 9457).</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    /// <summary>An answer with a status and one sentence about what to do.</summary>
    public static IResult Of(int status, string detail) =>
        Results.Problem(detail, statusCode: status, title: ReasonPhrases.GetReasonPhrase(status), type: "about:blank");

    public static Task Write(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        return Of(status, detail).ExecuteAsync(context);
    }

    public static IResult NoIncident(string id) => Of(StatusCodes.Status404NotFound, $"There is no incident '{id}'.");

    /// <summary>What is left of an exception: a store that is down is the world's fault, all else is ours, and its text stays inside.</summary>
    public static Task Handle(HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>()?.Error switch
        {
            StoreException => Write(context, StatusCodes.Status503ServiceUnavailable, "The store is not available. Live data under /api/v1/traffic/live still is."),
            MitigationUnavailableException why => Write(context, StatusCodes.Status503ServiceUnavailable, $"Mitigations are not available: {why.Message}."),
            BadHttpRequestException bad => Write(context, bad.StatusCode, "The request is not understood."),
            _ => Write(context, StatusCodes.Status500InternalServerError, "Something went wrong on our side; the log says what."),
        };
}
