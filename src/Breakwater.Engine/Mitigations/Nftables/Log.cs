using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations.Nftables;

/// <summary>Every log message of the firewall.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1700, Level = LogLevel.Error, Message = "nftables does not do what it is told: {Problem}. It is tried again; other ways to mitigate go on")]
    public static partial void NftFails(this ILogger logger, string problem);

    [LoggerMessage(EventId = 1701, Level = LogLevel.Information, Message = "nftables works again")]
    public static partial void NftWorksAgain(this ILogger logger);

    [LoggerMessage(EventId = 1702, Level = LogLevel.Warning, Message = "Somebody else changed table {Table}: {What}. It is put right")]
    public static partial void ChangedByOthers(this ILogger logger, string table, string what);

    [LoggerMessage(EventId = 1703, Level = LogLevel.Warning, Message = "nftables refuses mitigation {Id}: {Problem}. The others stay")]
    public static partial void OneRefused(this ILogger logger, string id, string problem);

    [LoggerMessage(EventId = 1704, Level = LogLevel.Critical, Message = "The check of table {Table} failed: a bug. What others change there is no longer put right")]
    public static partial void WatchFailed(this ILogger logger, string table, Exception failure);
}
