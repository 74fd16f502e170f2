using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Hygiene;

/// <summary>Every log message of the hygiene room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2200, Level = LogLevel.Information, Message = "{Prefixes} routed prefixes from {Path}, {Skipped} lines passed over")]
    public static partial void RoutedRead(this ILogger logger, int prefixes, string path, long skipped);

    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "{Path} cannot be the whole table of {Family}: sources of that family are not judged by it")]
    public static partial void RoutedTooFew(this ILogger logger, string family, string path);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "Routed prefixes cannot be read from {Path}: {Why}. What was read before stays in force")]
    public static partial void RoutedUnreadable(this ILogger logger, string path, string why);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Information, Message = "Asked the suspected reflector {Host} port {Port} ({Service}): {Verdict}")]
    public static partial void ReflectorAsked(this ILogger logger, string host, ushort port, string service, string verdict);
}
