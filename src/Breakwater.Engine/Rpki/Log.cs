using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Rpki;

/// <summary>Every log message of the RPKI client.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1900, Level = LogLevel.Information, Message = "{Roas} validated ROA payloads from {Cache} (RTR version {Version})")]
    public static partial void DataHere(this ILogger logger, int roas, string cache, byte version);

    [LoggerMessage(EventId = 1901, Level = LogLevel.Warning, Message = "The data of RPKI cache {Cache} has expired: origins cannot be validated until it answers")]
    public static partial void DataExpired(this ILogger logger, string cache);

    [LoggerMessage(EventId = 1902, Level = LogLevel.Warning, Message = "RPKI cache {Cache}: {Why}. What it said before is used until it expires; it is asked again")]
    public static partial void CacheTrouble(this ILogger logger, string cache, string why);
}
