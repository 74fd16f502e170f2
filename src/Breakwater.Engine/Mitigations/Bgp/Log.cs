using Breakwater.Core.Net;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>Every log message of the speaker.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1600, Level = LogLevel.Information, Message = "BGP session with {Peer} ({Address}, AS {As}) is up: {Families}")]
    public static partial void SessionUp(this ILogger logger, string peer, IpAddr address, uint @as, string families);

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning, Message = "No BGP session with {Peer} ({Address}, AS {As}): {Reason}")]
    public static partial void SessionDown(this ILogger logger, string peer, IpAddr address, uint @as, string reason);

    [LoggerMessage(EventId = 1602, Level = LogLevel.Error, Message = "BGP cannot listen on {EndPoint}: {Why}. Peers cannot connect there; connections to peers go on")]
    public static partial void CannotListen(this ILogger logger, string endPoint, string why);

    [LoggerMessage(EventId = 1603, Level = LogLevel.Error, Message = "The secret of BGP peer {Peer} cannot be read: {Why}. There is no session with it")]
    public static partial void NoSecret(this ILogger logger, string peer, string why);

    [LoggerMessage(EventId = 1604, Level = LogLevel.Warning, Message = "A BGP connection from {Address}, which is no peer, was closed; further ones are only counted")]
    public static partial void Stranger(this ILogger logger, IpAddr address);

    [LoggerMessage(EventId = 1605, Level = LogLevel.Error, Message = "BMP cannot listen on {EndPoint}: {Why}. Routers cannot tell there what they hold; announcements go on")]
    public static partial void BmpCannotListen(this ILogger logger, string endPoint, string why);

    [LoggerMessage(EventId = 1606, Level = LogLevel.Information, Message = "Router {Address} tells over BMP what it holds")]
    public static partial void BmpUp(this ILogger logger, IpAddr address);

    [LoggerMessage(EventId = 1607, Level = LogLevel.Warning, Message = "Router {Address} no longer tells over BMP what it holds: {Why}")]
    public static partial void BmpDown(this ILogger logger, IpAddr address, string why);
}
