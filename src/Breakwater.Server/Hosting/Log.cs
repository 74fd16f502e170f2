using Breakwater.Server.Configuration;

namespace Breakwater.Server.Hosting;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 5000, Level = LogLevel.Error, Message = "{File}: {Problem}; the service would not start with it, and goes on as it is")]
    public static partial void ConfigurationMistake(this ILogger logger, string? file, ConfigurationProblem problem);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "{File}: OK; what changed takes effect with the next start")]
    public static partial void ConfigurationGood(this ILogger logger, string file);
}
