using System.Net;
using Microsoft.Extensions.Primitives;

namespace Breakwater.Server.Api;

/// <summary>What holds for every request before anything looks at it: a name that is ours, and headers that tie the browser's hands.</summary>
internal sealed class Guard(RequestDelegate next, ApiOptions options)
{
    // No inline script, no foreign content, no frames: text that an attacker gets into a record stays text.
    private static readonly StringValues ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        return IsOurs(context.Request.Host.Host)
            ? next(context)
            : Problems.Write(context, StatusCodes.Status421MisdirectedRequest, "This name is not ours. Add it to api.allowed_hosts to reach Breakwater by it.");
    }

    /// <summary>DNS rebinding needs a name: an address cannot be pointed elsewhere.</summary>
    private bool IsOurs(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out _)
        || options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);
}
