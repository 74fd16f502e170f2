using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Incidents;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3000, Level = LogLevel.Error,
        Message = "Incidents cannot be stored: {Problem}. They are still shown, and stored once this works again; a restart before then loses them")]
    public static partial void StoreFailed(this ILogger logger, string problem);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "The store works again: {Count} incidents that waited are stored")]
    public static partial void StoreWorksAgain(this ILogger logger, int count);
}
