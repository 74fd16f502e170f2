using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Detection;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2000, Level = LogLevel.Critical, Message = "Detection failed, which is a bug: the service stops. Please report it with these lines")]
    public static partial void DetectionFailed(this ILogger logger, Exception failure);
}
