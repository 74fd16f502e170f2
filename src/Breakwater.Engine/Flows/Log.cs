using System.Net;
using Breakwater.Core.Net;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Flows;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1000, Level = LogLevel.Information, Message = "Receiving flows on {Endpoint}/udp with a buffer of {Octets} octets")]
    public static partial void Listening(this ILogger logger, IPEndPoint endpoint, int octets);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning,
        Message = "The kernel granted {Endpoint} a buffer of {Granted} octets instead of {Wanted}: bursts will be lost. Grant CAP_NET_ADMIN, or set net.core.rmem_max to {Wanted}")]
    public static partial void SmallReceiveBuffer(this ILogger logger, IPEndPoint endpoint, int granted, int wanted);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "New exporter {Exporter} sends {Protocol}")]
    public static partial void NewExporter(this ILogger logger, IpAddr exporter, string protocol);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning,
        Message = "The kernel dropped {Count} datagrams for {Endpoint} in the last minute: its buffer was full. Counts are too low")]
    public static partial void KernelDropped(this ILogger logger, long count, IPEndPoint endpoint);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning,
        Message = "{Count} datagrams for {Endpoint} in the last minute were of no flow protocol that we decode")]
    public static partial void Unrecognised(this ILogger logger, long count, IPEndPoint endpoint);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Warning,
        Message = "Refused {Count} datagrams from new exporters in the last minute: all {Capacity} places are taken by exporters that are sending. Forged source addresses?")]
    public static partial void ExportersRefused(this ILogger logger, long count, int capacity);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning,
        Message = "Dropped {Count} flows in the last minute: the detection queue was full")]
    public static partial void QueueFull(this ILogger logger, long count);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Information, Message = "Replayed {File}: {Packets} packets, {Flows} flows")]
    public static partial void Replayed(this ILogger logger, string file, long packets, long flows);

    [LoggerMessage(EventId = 1011, Level = LogLevel.Warning, Message = "{File}: {Problem}")]
    public static partial void ReplayProblem(this ILogger logger, string file, string problem);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Information, Message = "Took over {Count} templates from {Path}")]
    public static partial void TemplatesRead(this ILogger logger, int count, string path);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Warning,
        Message = "Cannot keep templates in {Path}: {Reason}. After a restart, data waits for the exporters to send them again")]
    public static partial void TemplatesNotSaved(this ILogger logger, string path, string reason);
}
