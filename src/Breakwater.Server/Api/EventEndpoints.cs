using Microsoft.AspNetCore.Http.Features;

namespace Breakwater.Server.Api;

/// <summary>Live events, as server-sent events.</summary>
internal static class EventEndpoints
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/events", Follow).WithTags("Events").WithName("followEvents").WithSummary("Live events (server-sent events)")
            .WithDescription("'traffic' once a second, with the shape of /traffic/live; 'incident' at each change, with the shape of an incident in the list. "
                + "A client that reads too slowly is let go: connect again and fetch the list.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream").ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task Follow(HttpContext context, EventBroadcaster broadcaster)
    {
        using var client = broadcaster.Join();
        if (client is null)
        {
            context.Response.Headers.RetryAfter = "10";
            await Problems.Write(context, StatusCodes.Status503ServiceUnavailable, "As many clients follow events as api.max_event_clients allows.");
            return;
        }
        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            while (await NextAsync(client, context.RequestAborted) is { } written)
            {
                await context.Response.Body.WriteAsync(written, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client went away, as clients do.
        }
    }

    /// <returns>The next event, a comment when none came for a while, null when there will be no more.</returns>
    private static async Task<byte[]?> NextAsync(EventClient client, CancellationToken aborted)
    {
        if (client.Events.TryRead(out var ready)) return ready;
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        pause.CancelAfter(Heartbeat);
        try
        {
            return await client.Events.WaitToReadAsync(pause.Token) && client.Events.TryRead(out var written) ? written : null;
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // Proxies close connections that stay silent.
            return ": still here\n\n"u8.ToArray();
        }
    }
}
