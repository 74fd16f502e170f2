using Breakwater.Core.Flows;

namespace Breakwater.Core.Detection;

/// <summary>The most packets and bits of one stream that were counted within a second, the running one included.</summary>
public struct RateMeter
{
    private long _second;
    private double _packets;
    private double _bits;

    public double PeakPacketsPerSecond { get; private set; }
    public double PeakBitsPerSecond { get; private set; }

    public void Add(Timestamp now, double packets, double bits)
    {
        var second = now.Nanoseconds / Timestamp.NanosecondsPerSecond;
        if (second != _second) (_second, _packets, _bits) = (second, 0, 0);
        _packets += packets;
        _bits += bits;
        if (_packets > PeakPacketsPerSecond) PeakPacketsPerSecond = _packets;
        if (_bits > PeakBitsPerSecond) PeakBitsPerSecond = _bits;
    }
}
