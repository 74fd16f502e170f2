using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Flows;

namespace Breakwater.Engine.Net;

/// <summary>Section <c>capture</c> of the configuration file: packets seen on this machine's own interfaces.</summary>
public sealed class PacketCaptureOptions
{
    /// <summary>Whether packets are captured. Needs root or CAP_NET_RAW.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Names of the interfaces; <c>auto</c> for all that are up, loopback included.</summary>
    /// <remarks>
    /// <c>auto</c> leaves out those whose packets are seen at another as well: members of a bridge or bond (seen at their
    /// master), and VLANs and the like (seen at the interface below).
    /// </remarks>
    [MinLength(1, ErrorMessage = "names no interface: leave it out for all of them, or set capture.enabled: false to capture nothing")]
    public IList<string> Interfaces { get; set; } = [Auto];

    /// <summary>Whether interfaces given by name also take packets addressed to others: for mirror ports and taps.</summary>
    public bool Promiscuous { get; set; }

    /// <summary>Octets kept of each packet.</summary>
    /// <remarks>Enough for every header that is read, a tunnel's included; more would only be copied.</remarks>
    [Range(96, FlowBatch.KeptOctets)]
    public int Snap { get; set; } = FlowBatch.KeptOctets;

    /// <summary>MiB of memory shared with the kernel, in which packets wait to be read.</summary>
    /// <remarks>8 MiB hold 25,000 packets: 25 ms at a million packets per second.</remarks>
    [Range(1, 1024)]
    public int RingMebibytes { get; set; } = 8;

    internal const string Auto = "auto";
}
