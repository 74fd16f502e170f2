using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Detection;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2000, Level = LogLevel.Critical, Message = "Detection failed, which is a bug: the service stops. Please report it with these lines")]
    public static partial void DetectionFailed(this ILogger logger, Exception failure);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "What is usual could not be read from {File}: {Reason}. It is learnt anew")]
    public static partial void BaselinesNotRead(this ILogger logger, string file, string reason);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "What is usual could not be saved to {File}: {Reason}. A restart will have to learn it anew")]
    public static partial void BaselinesNotSaved(this ILogger logger, string file, string reason);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "Exceptions of hosts changed: {Count} past incidents about what is allowed now are withdrawn")]
    public static partial void PastWithdrawn(this ILogger logger, int count);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "Exceptions of hosts changed, but past incidents could not be read: {Reason}. They stay as they are; the next change of exceptions tries again")]
    public static partial void PastNotWithdrawn(this ILogger logger, string reason);
}
