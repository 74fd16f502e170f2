using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Breakwater.Core.Net;

namespace Breakwater.Core.Flows;

/// <summary>One flow record, unidirectional (RFC 7011 §2). A captured packet is a flow of one packet. 88 bytes, passed by reference.</summary>
/// <remarks>
/// <see cref="Bytes"/> and <see cref="Packets"/> are already multiplied by the sampling rate; <see cref="SampledPackets"/> is
/// what was really seen, and gives the error bar: about 196·√(1/c) percent at 95 % for c sampled packets.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Flow
{
    public IpAddr Source;
    public IpAddr Destination;

    /// <summary>Octets at the IP layer (header included), estimated before sampling.</summary>
    public long Bytes;

    /// <summary>Packets, estimated before sampling.</summary>
    public long Packets;

    /// <summary>Time of the first packet.</summary>
    public Timestamp Start;

    /// <summary>Time of the last packet; never before <see cref="Start"/>.</summary>
    public Timestamp End;

    /// <summary>Packets really seen by the exporter's sampler; equals <see cref="Packets"/> without sampling.</summary>
    public uint SampledPackets;

    /// <summary>SNMP ifIndex of the interface the packets came in by; 0 when not known.</summary>
    public uint InputInterface;

    /// <summary>SNMP ifIndex of the interface the packets went out by; 0 when not known.</summary>
    public uint OutputInterface;

    /// <summary>UDP, TCP, SCTP, UDP-Lite or DCCP port; 0 for other protocols and for fragments after the first.</summary>
    public ushort SourcePort;

    /// <summary>Destination port; for ICMP and ICMPv6 type·256 + code, as in NetFlow.</summary>
    public ushort DestinationPort;

    /// <summary>Number in order of arrival; 0 is "local" (a file or an interface of this machine).</summary>
    public ushort Exporter;

    /// <summary>IANA protocol number of the payload after IPv6 extension headers; 58 behind an AH is 58 with <see cref="FlowFlags.AuthenticationHeader"/>.</summary>
    public byte Protocol;

    /// <summary>TCP flags of all packets ORed: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.</summary>
    public byte TcpFlags;

    /// <summary>IPv4 type of service or IPv6 traffic class.</summary>
    public byte Tos;

    /// <summary>Time to live or hop limit; 0 when not known.</summary>
    public byte Ttl;

    public FlowFlags Flags;

    /// <summary>The destination for 0 (traffic to it), the source for 1 (traffic from it), by arithmetic: which end is home is a coin toss that no processor predicts.</summary>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly ref readonly IpAddr EndOf(int direction) => ref Unsafe.Subtract(ref Unsafe.AsRef(in Destination), direction);

    /// <summary>Mean octets of one packet; 0 for an empty record.</summary>
    public readonly int MeanLength => Packets > 0 ? (int)(Bytes / Packets) : 0;

    public readonly TimeSpan Duration => End - Start;

    /// <summary>True when the source is the destination itself, which nothing on a network sends: the sign of a LAND attack. A machine talks to itself by its loopback interface.</summary>
    public readonly bool IsLand => Source == Destination && (Flags & FlowFlags.Loopback) == 0 && !Bogons.IsLoopback(Source);

    /// <summary>1:N sampling of this record, as the ratio of estimated to seen packets; 1 without sampling.</summary>
    public readonly double SamplingRate => SampledPackets == 0 ? 1 : (double)Packets / SampledPackets;
}

/// <summary>What else is known of a flow.</summary>
[Flags]
public enum FlowFlags : ushort
{
    None = 0,

    /// <summary>At least one packet was an IP fragment (first, middle or last).</summary>
    Fragment = 1,

    /// <summary>All packets were fragments after the first: there are no ports.</summary>
    LaterFragment = 2,

    /// <summary>The exporter announced no sampling rate where one is expected: counts may be too low by an unknown factor.</summary>
    SamplingUnknown = 4,

    /// <summary>Addresses and ports are those inside a tunnel (GRE, IPIP, 6in4, VXLAN, GTP-U).</summary>
    Tunnelled = 8,

    /// <summary>The exporter saw the packets leave (flowDirection 1, egress).</summary>
    Egress = 16,

    /// <summary>The exporter dropped the packets (forwardingStatus 128–191, sFlow discards).</summary>
    Dropped = 32,

    /// <summary>An IPv6 or IPv4 Authentication Header (protocol 51) was on the way to the payload.</summary>
    AuthenticationHeader = 64,

    /// <summary>IPv6 extension headers other than AH and Fragment were present.</summary>
    ExtensionHeaders = 128,

    /// <summary>The record came from a packet, not from a flow cache: TcpFlags and length are of exactly one packet.</summary>
    SinglePacket = 256,

    /// <summary>Headers were cut short or inconsistent: later fields may be missing.</summary>
    Malformed = 512,

    /// <summary>An ARP packet; Source and Destination are its sender and target protocol addresses. Packets and Bytes count as usual.</summary>
    Arp = 1024,

    /// <summary>The reverse half of a bidirectional record (RFC 5103, Zeek, Argus).</summary>
    Reverse = 2048,

    /// <summary>Both halves of the bidirectional record carried packets: the destination of the forward half answered, the source of the reverse half did.</summary>
    Answered = 4096,

    /// <summary>Captured on this machine's loopback interface: it never was on a network, and its source is as it should be.</summary>
    Loopback = 8192,
}
