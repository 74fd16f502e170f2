using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Cases;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1600, Level = LogLevel.Error, Message = "Cases cannot be stored: {Problem}. They are stored once this works again; a restart before then loses the changes")]
    public static partial void CasesFail(this ILogger logger, string problem);
}
