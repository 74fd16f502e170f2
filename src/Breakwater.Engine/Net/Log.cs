using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Net;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1100, Level = LogLevel.Information, Message = "Capturing packets on {Interface}")]
    public static partial void Capturing(this ILogger logger, string @interface);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "Not capturing on {Interface}: it is {State}. Capture begins within a minute of its being up")]
    public static partial void NotCapturing(this ILogger logger, string @interface, CaptureInterfaceState state);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning,
        Message = "The kernel dropped {Count} packets in the last minute: the capture ring was full. Counts are too low")]
    public static partial void CaptureDropped(this ILogger logger, long count);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Warning, Message = "No live capture: {Problem}. Everything else works; capture.enabled: false silences this")]
    public static partial void NoCapture(this ILogger logger, string problem);
}
