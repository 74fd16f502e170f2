using System.ComponentModel.DataAnnotations;
using System.Runtime.Intrinsics;

namespace Breakwater.Core.Metering;

/// <summary>Thresholds of one direction of one host group, per home host.</summary>
[Live]
public sealed class RateLimits
{
    /// <summary>Packets per second of all kinds.</summary>
    /// <remarks>50 000/s is about 25 Mbit/s of minimum-size frames: far above an ordinary server, far below line rate.</remarks>
    [Range(1, 1e12)]
    public double PacketsPerSecond { get; set; } = 50_000;

    /// <summary>Bits per second at the IP layer.</summary>
    /// <remarks>1 Gbit/s: what one ordinary host's interface can take.</remarks>
    [Range(1, 1e15)]
    public double BitsPerSecond { get; set; } = 1e9;

    /// <summary>Flow records per second; packets of a capture do not count as flows.</summary>
    /// <remarks>20 000/s: random sources or ports make a record a packet, so this sees floods that sampling thins out.</remarks>
    [Range(1, 1e12)]
    public double FlowsPerSecond { get; set; } = 20_000;

    /// <summary>TCP packets per second with SYN and without ACK.</summary>
    /// <remarks>10 000/s is more new connections than most services accept.</remarks>
    [Range(1, 1e12)]
    public double SynPacketsPerSecond { get; set; } = 10_000;

    /// <summary>TCP answers per second: SYN with ACK, or RST.</summary>
    [Range(1, 1e12)]
    public double TcpAnswerPacketsPerSecond { get; set; } = 10_000;

    /// <summary>UDP packets per second.</summary>
    [Range(1, 1e12)]
    public double UdpPacketsPerSecond { get; set; } = 40_000;

    /// <summary>ICMP and ICMPv6 packets per second.</summary>
    /// <remarks>Ordinary hosts see a few; monitoring of a whole network from one host sees hundreds.</remarks>
    [Range(1, 1e12)]
    public double IcmpPacketsPerSecond { get; set; } = 5_000;

    /// <summary>IP fragments, packets of protocols other than TCP, UDP and ICMP, and UDP answers from ports that reflect, per second.</summary>
    /// <remarks>20 000/s: a busy resolver gets some thousand answers a second.</remarks>
    [Range(1, 1e12)]
    public double FragmentPacketsPerSecond { get; set; } = 20_000;

    /// <summary>One over each threshold, in the order of the lanes of <see cref="Lanes"/>.</summary>
    internal Vector256<float> Inverse() => Vector256.Create(
        (float)(1 / PacketsPerSecond), (float)(1 / BitsPerSecond), (float)(1 / FlowsPerSecond), (float)(1 / SynPacketsPerSecond),
        (float)(1 / TcpAnswerPacketsPerSecond), (float)(1 / UdpPacketsPerSecond), (float)(1 / IcmpPacketsPerSecond), (float)(1 / FragmentPacketsPerSecond));
}

/// <summary>The eight things counted against a threshold at once, as the lanes of one vector register.</summary>
internal static class Lanes
{
    public const int Packets = 0, Bits = 1, Flows = 2, Syn = 3, Answer = 4, Udp = 5, Icmp = 6, Fragment = 7;

    public static readonly string[] Names = ["packets", "bits", "flow records", "SYN packets", "TCP answers", "UDP packets", "ICMP packets", "fragments, odd protocols and answers of amplifiers"];

    /// <summary>By traffic class: 1 in the lane of all packets, and in the class's own.</summary>
    public static readonly Vector256<float>[] PacketWeights =
    [
        Weights(Syn), Weights(Answer), Weights(-1), Weights(Udp), Weights(Icmp), Weights(Fragment), Weights(Fragment),
    ];

    /// <summary>For UDP answers from a port that reflects: they count as UDP, and with the fragments that come with them.</summary>
    public static readonly Vector256<float> UdpAnswerWeights = Weights(Udp).WithElement(Fragment, 1f);

    private static Vector256<float> Weights(int lane)
    {
        var weights = Vector256<float>.Zero.WithElement(Packets, 1f);
        return lane < 0 ? weights : weights.WithElement(lane, 1f);
    }
}
