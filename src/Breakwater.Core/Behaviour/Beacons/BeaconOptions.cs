using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>Section <c>behaviour.beacon</c>: hosts that call the same service again and again, as if by a clock.</summary>
public sealed class BeaconOptions
{
    /// <summary>Pairs of host and service whose calls are counted, until a few came and they are looked at closely.</summary>
    /// <remarks>Sixteen octets each.</remarks>
    [Range(1_024, 100_000_000)]
    public int MaxPairs { get; set; } = 1_048_576;

    /// <summary>Pairs whose calls are kept in full.</summary>
    /// <remarks>Up to 8 KiB each.</remarks>
    [Range(16, 1_000_000)]
    public int MaxHistories { get; set; } = 16_384;

    /// <summary>Calls that a rhythm takes to be one.</summary>
    /// <remarks>Twelve at random have gaps as even as is asked for once in ten thousand times.</remarks>
    [Live]
    [Range(8, 256)]
    public int Calls { get; set; } = 12;

    /// <summary>RITA's timing score from which calls are regular.</summary>
    /// <remarks>Its authors call 0.7 low, 0.9 medium and 1 high; gaps with a jitter of a third of their length score 0.87 in the long run, but of twenty one in three scores below 0.8.</remarks>
    [Live]
    [Range(0.5, 1)]
    public double Timing { get; set; } = 0.7;

    /// <summary>Share of our hosts that call the same service as regularly, from which it is one of the operator's or of the system's.</summary>
    /// <remarks>As RITA's prevalence. Judged from ten hosts on.</remarks>
    [Live]
    [Range(0, 1)]
    public double Prevalent { get; set; } = 0.5;
}
