using Breakwater.Server.Configuration;

namespace Breakwater.Server.Hosting;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 5000, Level = LogLevel.Error, Message = "{File}: {Problem}; nothing of the file is taken up, the service goes on as it is")]
    public static partial void ConfigurationMistake(this ILogger logger, string? file, ConfigurationProblem problem);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "{File}: in force now: {Keys}")]
    public static partial void Changed(this ILogger logger, string file, string keys);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "{File}: OK; nothing to change while running")]
    public static partial void NothingChanged(this ILogger logger, string file);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning, Message = "{File}: {Key} has changed and needs a restart; the old value stays in force")]
    public static partial void NeedsRestart(this ILogger logger, string file, string key);
}
