using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Behaviour.Scans;

/// <summary>Section <c>behaviour.scan</c>: hosts that try addresses or ports.</summary>
public sealed class ScanOptions
{
    /// <summary>Suspicious hosts that are looked at closely at the same time, ours before others.</summary>
    /// <remarks>Each costs about 5 KiB.</remarks>
    [Range(16, 60_000)]
    public int MaxSuspects { get; set; } = 4_096;

    /// <summary>Distinct targets of one service that make a scan.</summary>
    /// <remarks>
    /// Besides, ten more of its first contacts must have failed than succeeded, which the sequential test asks for. Zeek says scan at 25 in five minutes.
    /// </remarks>
    [Live]
    [Range(2, 1_000_000)]
    public int Targets { get; set; } = 10;

    /// <summary>Distinct closed ports of one target that make a scan.</summary>
    /// <remarks>As Zeek's.</remarks>
    [Live]
    [Range(2, 65_535)]
    public int Ports { get; set; } = 15;

    /// <summary>Distinct targets in five minutes where silence alone says little: by UDP, and of services that everybody uses.</summary>
    /// <remarks>Firewalls swallow UDP, and an uplink that is down makes every web server fall silent.</remarks>
    [Live]
    [Range(2, 1_000_000)]
    public int SilentTargets { get; set; } = 50;

    /// <summary>Scanners elsewhere that become incidents of medium severity in one hour; more are of low severity.</summary>
    /// <remarks>The Internet scans everybody all day.</remarks>
    [Live]
    [Range(0, 1_000_000)]
    public int MaxScannersAnHour { get; set; } = 20;
}
