using System.Runtime.InteropServices;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>What became of a conversation's first packet.</summary>
public enum ContactState : byte
{
    /// <summary>The responder has said nothing so far.</summary>
    Silent,

    /// <summary>The responder takes part; of TCP also when only the initiator is seen, and goes on after its SYN.</summary>
    Answered,

    /// <summary>The responder refused: TCP RST to a SYN.</summary>
    Rejected,
}

/// <summary>What else is known of a conversation.</summary>
[Flags]
public enum ContactMarks : byte
{
    None = 0,

    /// <summary>ARP: a question for an address, and its answer.</summary>
    Arp = 1,

    /// <summary>The beginning was not seen: no SYN of a TCP connection. Who began it is a guess.</summary>
    Midstream = 2,

    /// <summary>It had to make room before it ended or was idle for long: silence means nothing.</summary>
    Evicted = 4,

    /// <summary>Made of packets; else of flow records, of which the answering half may come late.</summary>
    Packets = 8,

    /// <summary>TCP: closed by FIN of both or RST of either.</summary>
    Closed = 16,

    /// <summary><see cref="IBehaviour.Began"/> was told.</summary>
    Told = 32,

    /// <summary>A packet of it came from a sampler: most of it was never seen.</summary>
    Sampled = 64,
}

/// <summary>One conversation between two hosts, both directions together: who began it, for which service, and how it went.</summary>
/// <remarks>Two cache lines. The first has what each packet needs, the second the rest.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = 128)]
public struct Contact
{
    public IpAddr Initiator;
    public IpAddr Responder;

    /// <summary>0 where the protocol has no ports.</summary>
    public ushort InitiatorPort;

    /// <summary>The responder's port; of ICMP type·256 + code of the question.</summary>
    public ushort ServicePort;

    /// <summary>IANA protocol number; 0 of ARP.</summary>
    public byte Protocol;

    public ContactState State;
    public ContactMarks Marks;

    /// <summary>TCP flags of all packets of each side, ORed.</summary>
    public byte InitiatorFlags, ResponderFlags;

    /// <summary>Exporter that told of it first; 0 is "local".</summary>
    public ushort Exporter;

    /// <summary>Packets each side sent, estimated before sampling; they stop at the largest number.</summary>
    public uint InitiatorPackets, ResponderPackets;

    /// <summary>Packets really seen, of both sides.</summary>
    public uint SampledPackets;

    /// <summary>Time of the last packet of either side.</summary>
    public Timestamp Last;

    // The second cache line.

    /// <summary>Time of the first packet of either side.</summary>
    public Timestamp Start;

    /// <summary>Octets at the IP layer that each side sent, estimated before sampling.</summary>
    public long InitiatorBytes, ResponderBytes;

    /// <summary>Time of the first packet or record from the responder; <see cref="Timestamp.Min"/> when there was none.</summary>
    public Timestamp FirstAnswer;

    /// <summary>Host group of each side, -1 for an address that is not home.</summary>
    public short InitiatorGroup, ResponderGroup;

    public readonly TimeSpan Duration => Last - Start;
    public readonly bool IsTcp => Protocol == 6;
    public readonly bool IsUdp => Protocol == 17;
    public readonly bool IsIcmp => Protocol is 1 or 58;
    public readonly bool IsArp => (Marks & ContactMarks.Arp) != 0;
    public readonly bool IsFromHome => InitiatorGroup >= 0;
    public readonly bool IsToHome => ResponderGroup >= 0;

    /// <summary>One of ours talks to somebody elsewhere.</summary>
    public readonly bool IsOutbound => InitiatorGroup >= 0 && ResponderGroup < 0;

    /// <summary>Somebody elsewhere talks to one of ours.</summary>
    public readonly bool IsInbound => InitiatorGroup < 0 && ResponderGroup >= 0;

    public readonly long Packets => (long)InitiatorPackets + ResponderPackets;

    /// <summary>1:N sampling, as the ratio of estimated to seen packets; 1 without sampling.</summary>
    public readonly double SamplingRate => SampledPackets == 0 ? 1 : Math.Max(1, (double)Packets / SampledPackets);

    /// <summary>A first packet that asks for an answer, and nothing after it: what a scanner sends.</summary>
    public readonly bool IsBareAttempt => State != ContactState.Answered && (Marks & ContactMarks.Midstream) == 0 && InitiatorPackets > 0;

    /// <summary>Copies field by field: octets that were written one by one just now cannot be read 64 at a time before they all have reached the cache.</summary>
    internal readonly void CopyTo(ref Contact copy)
    {
        copy.Initiator = Initiator;
        copy.Responder = Responder;
        copy.InitiatorPort = InitiatorPort;
        copy.ServicePort = ServicePort;
        copy.Protocol = Protocol;
        copy.State = State;
        copy.Marks = Marks;
        copy.InitiatorFlags = InitiatorFlags;
        copy.ResponderFlags = ResponderFlags;
        copy.Exporter = Exporter;
        copy.InitiatorPackets = InitiatorPackets;
        copy.ResponderPackets = ResponderPackets;
        copy.SampledPackets = SampledPackets;
        copy.Last = Last;
        copy.Start = Start;
        copy.InitiatorBytes = InitiatorBytes;
        copy.ResponderBytes = ResponderBytes;
        copy.FirstAnswer = FirstAnswer;
        copy.InitiatorGroup = InitiatorGroup;
        copy.ResponderGroup = ResponderGroup;
    }

    /// <summary>What the initiator sent, as a flow: for evidence.</summary>
    public readonly Flow ToFlow() => new()
    {
        Source = Initiator,
        Destination = Responder,
        SourcePort = InitiatorPort,
        DestinationPort = ServicePort,
        Protocol = Protocol,
        TcpFlags = InitiatorFlags,
        Packets = InitiatorPackets,
        SampledPackets = Math.Min(SampledPackets, InitiatorPackets),
        Bytes = InitiatorBytes,
        Start = Start,
        End = Last,
        Exporter = Exporter,
        Flags = IsArp ? FlowFlags.Arp : FlowFlags.None,
    };
}
