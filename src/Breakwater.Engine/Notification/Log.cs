using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Notification;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1300, Level = LogLevel.Error, Message = "Notification script {Path} fails: {Why}. Further failures are only counted")]
    public static partial void ScriptFails(this ILogger logger, string path, string why);

    [LoggerMessage(EventId = 1301, Level = LogLevel.Information, Message = "Notification script {Path} works again")]
    public static partial void ScriptWorksAgain(this ILogger logger, string path);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "Notifications by {Sender} fail: {Why}. Further failures are only counted")]
    public static partial void SenderFails(this ILogger logger, string sender, string why);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Information, Message = "Notifications by {Sender} work again")]
    public static partial void SenderWorksAgain(this ILogger logger, string sender);
}
