using System.Net;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 7000, Level = LogLevel.Information, Message = "Taking DOTS requests on {Endpoint}, UDP and TCP")]
    public static partial void ListeningForDots(this ILogger logger, IPEndPoint endpoint);

    [LoggerMessage(EventId = 7001, Level = LogLevel.Information, Message = "DOTS client {Client} is connected from {Peer}")]
    public static partial void DotsClientConnected(this ILogger logger, string client, string peer);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Information, Message = "DOTS client {Client} at {Peer} has left")]
    public static partial void DotsClientLeft(this ILogger logger, string client, string peer);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Warning, Message = "The signal channel to DOTS client {Client} at {Peer} is lost: what it had us hold for this case begins now")]
    public static partial void DotsSignalLost(this ILogger logger, string client, string peer);

    [LoggerMessage(EventId = 7004, Level = LogLevel.Information, Message = "DOTS client {Client} asks: {Targets}")]
    public static partial void DotsRequested(this ILogger logger, string client, string targets);

    [LoggerMessage(EventId = 7006, Level = LogLevel.Warning, Message = "{Client} asks us to stop sources of ours: {Targets}")]
    public static partial void DotsCallHomeRequested(this ILogger logger, string client, string targets);

    [LoggerMessage(EventId = 7005, Level = LogLevel.Information, Message = "DOTS request {Request} is over")]
    public static partial void DotsRequestOver(this ILogger logger, string request);

    [LoggerMessage(EventId = 7010, Level = LogLevel.Information, Message = "Connected to DOTS server {Name} at {Endpoint}")]
    public static partial void DotsUpstreamConnected(this ILogger logger, string name, IPEndPoint endpoint);

    [LoggerMessage(EventId = 7011, Level = LogLevel.Warning, Message = "The signal channel to DOTS server {Name} at {Endpoint} is lost; trying again")]
    public static partial void DotsUpstreamLost(this ILogger logger, string name, IPEndPoint endpoint);

    [LoggerMessage(EventId = 7013, Level = LogLevel.Error, Message = "Customers cannot call home on {Endpoint}: {Problem}")]
    public static partial void CannotListenForCustomers(this ILogger logger, IPEndPoint endpoint, string problem);

    [LoggerMessage(EventId = 7014, Level = LogLevel.Information, Message = "Customer {Name} has called home from {Peer}")]
    public static partial void CustomerConnected(this ILogger logger, string name, string peer);

    [LoggerMessage(EventId = 7015, Level = LogLevel.Warning, Message = "The session of customer {Name} at {Peer} is over; it has to call again")]
    public static partial void CustomerLost(this ILogger logger, string name, string peer);

    [LoggerMessage(EventId = 7012, Level = LogLevel.Warning, Message = "DOTS server {Name} refuses mitigation {Mitigation}: {Problem}")]
    public static partial void DotsServerRefuses(this ILogger logger, string name, string mitigation, string problem);
}
