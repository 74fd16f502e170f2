using System.Net;

namespace Breakwater.Server.Api;

/// <summary>Tells requests made on this machine from those that only look so.</summary>
internal static class Loopback
{
    /// <summary>True when both ends are on loopback and no proxy (RFC 7239, X-Forwarded-For) speaks for somebody else.</summary>
    public static bool IsOurs(HttpContext context) =>
        context.Connection is { RemoteIpAddress: { } remote, LocalIpAddress: { } local }
        && IPAddress.IsLoopback(remote) && IPAddress.IsLoopback(local)
        && !context.Request.Headers.ContainsKey("Forwarded") && !context.Request.Headers.ContainsKey("X-Forwarded-For");
}
