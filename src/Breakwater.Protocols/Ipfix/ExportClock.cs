using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Ipfix;

/// <summary>What one message says of time: when it was exported, by the exporter's clock and by its uptime.</summary>
/// <param name="ExportedAt">Export time of the message header, in nanoseconds since 1970.</param>
/// <param name="ReceivedAt">When we got it, by our clock.</param>
/// <param name="HasUptime">False when the exporter has not told when it booted: times in uptime are then only relative.</param>
/// <param name="Uptime">Milliseconds since the exporter booted, at export, modulo 2³².</param>
internal readonly record struct ExportClock(long ExportedAt, Timestamp ReceivedAt, bool HasUptime, uint Uptime)
{
    /// <summary>Clocks of line cards run ahead of the one that stamps the header, by milliseconds in practice.</summary>
    private const long AheadMilliseconds = 3_600_000;

    /// <summary>The moment when the exporter's uptime was <paramref name="milliseconds"/>, in nanoseconds since 1970.</summary>
    /// <remarks>The counter wraps every 49.7 days: subtract as uint, or a wrap puts the flow in another month.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long AtUptime(uint milliseconds)
    {
        long age = unchecked(Uptime - milliseconds);
        if (age > uint.MaxValue - AheadMilliseconds) age -= 1L << 32;
        return ExportedAt - age * Timestamp.NanosecondsPerMillisecond;
    }

    /// <summary>The same message, by an exporter known to have booted at that moment (systemInitTimeMilliseconds, IE 160).</summary>
    public ExportClock WithBoot(ulong bootMilliseconds) =>
        this with { HasUptime = true, Uptime = unchecked((uint)((ulong)(ExportedAt / Timestamp.NanosecondsPerMillisecond) - bootMilliseconds)) };
}
