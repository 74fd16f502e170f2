using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Sharing;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1500, Level = LogLevel.Error, Message = "What is told to others cannot be stored: {Problem}. It is tried again")]
    public static partial void SharingFails(this ILogger logger, string problem);

    [LoggerMessage(EventId = 1501, Level = LogLevel.Information, Message = "What is told to others is stored again")]
    public static partial void SharingWorksAgain(this ILogger logger);

    [LoggerMessage(EventId = 1502, Level = LogLevel.Warning, Message = "Feed {Feed} cannot be read: {Problem}. What it said before counts until it expires")]
    public static partial void FeedFails(this ILogger logger, string feed, string problem);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Information, Message = "Feed {Feed}: {Entries} entries; {Skipped} lines were not understood, {Overflow} are beyond feeds.max_entries")]
    public static partial void FeedRead(this ILogger logger, string feed, int entries, long skipped, long overflow);

    [LoggerMessage(EventId = 1504, Level = LogLevel.Information, Message = "Feed {Feed} can be read again")]
    public static partial void FeedWorksAgain(this ILogger logger, string feed);
}
