using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Storage;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3100, Level = LogLevel.Error, Message = "Traffic and exporters cannot be stored: {Problem}. The last hour waits in memory")]
    public static partial void TrafficNotStored(this ILogger logger, string problem);

    [LoggerMessage(EventId = 3101, Level = LogLevel.Information, Message = "Traffic and exporters are stored again")]
    public static partial void TrafficStoredAgain(this ILogger logger);
}
