using Breakwater.Core.Flows;

namespace Breakwater.Core.Detection;

/// <summary>Packets and bits of one stream per second: the running second, the one before, and the highest.</summary>
public struct RateMeter
{
    private long _second;
    private double _packets;
    private double _bits;

    /// <summary>Rate over the last whole second; 0 after a silent one.</summary>
    public double PacketsPerSecond { get; private set; }
    public double BitsPerSecond { get; private set; }

    /// <summary>Highest one-second rate so far, the running second included.</summary>
    public double PeakPacketsPerSecond { get; private set; }
    public double PeakBitsPerSecond { get; private set; }

    public void Add(Timestamp now, double packets, double bits)
    {
        Roll(now);
        _packets += packets;
        _bits += bits;
        if (_packets > PeakPacketsPerSecond) PeakPacketsPerSecond = _packets;
        if (_bits > PeakBitsPerSecond) PeakBitsPerSecond = _bits;
    }

    /// <summary>Closes the seconds before <paramref name="now"/>.</summary>
    public void Roll(Timestamp now)
    {
        var second = now.Nanoseconds / Timestamp.NanosecondsPerSecond;
        if (second == _second) return;
        var next = second == _second + 1;
        PacketsPerSecond = next ? _packets : 0;
        BitsPerSecond = next ? _bits : 0;
        _second = second;
        _packets = _bits = 0;
    }
}
