using System.Security.Cryptography;

namespace Breakwater.Server.Api;

/// <summary>The page and what it is made of, out of the program itself: nothing to install, nothing to find.</summary>
internal static class PageEndpoints
{
    private static readonly (string Route, string File, string ContentType)[] Files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/chart.js", "chart.js", "text/javascript; charset=utf-8"),
        ("/incidents.js", "incidents.js", "text/javascript; charset=utf-8"),
        ("/cases.js", "cases.js", "text/javascript; charset=utf-8"),
        ("/sharing.js", "sharing.js", "text/javascript; charset=utf-8"),
        ("/mitigations.js", "mitigations.js", "text/javascript; charset=utf-8"),
        ("/words.js", "words.js", "text/javascript; charset=utf-8"),
        ("/events.js", "events.js", "text/javascript; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/favicon.svg", "favicon.svg", "image/svg+xml"),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (route, file, contentType) in Files)
        {
            var bytes = Load(file);
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes)[..8])}\"";
            routes.MapGet(route, (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "no-cache";
                context.Response.Headers.ETag = tag;
                return context.Request.Headers.IfNoneMatch == tag ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(bytes, contentType);
            }).AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static byte[] Load(string file)
    {
        using var stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream($"wwwroot/{file}")
            ?? throw new InvalidOperationException($"wwwroot/{file} is not in the program");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
