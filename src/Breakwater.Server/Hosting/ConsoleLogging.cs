using Microsoft.Extensions.Logging.Console;

namespace Breakwater.Server.Hosting;

/// <summary>Logging for people: one line a message on standard error, ours from "information", the framework's from "warning".</summary>
internal static class ConsoleLogging
{
    public static void AddBreakwaterConsole(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Breakwater", LogLevel.Information);
        // A start that fails is told in one line by the command; the host would add a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }
}
