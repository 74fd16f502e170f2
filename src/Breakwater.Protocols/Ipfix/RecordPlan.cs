namespace Breakwater.Protocols.Ipfix;

/// <summary>A data template compiled: for each property of a flow, where in the record it lies.</summary>
/// <remarks>Made once per template by <see cref="RecordPlanCompiler"/>, so that reading a record is a run of loads and no look-up.</remarks>
internal sealed class RecordPlan
{
    /// <summary>Octets of a record; for templates with variable-length fields, of the gathered record.</summary>
    public int Length;

    /// <summary>How to gather a record with variable-length fields into one of fixed <see cref="Length"/>; null when it already is.</summary>
    public GatherStep[]? Gather;

    /// <summary>True when records of this template count traffic between two addresses; others yield no flow.</summary>
    public bool IsTraffic;

    public PlanTraits Traits;

    public FieldSlot SourceV4, DestinationV4;
    public FieldSlot SourceHigh, SourceLow, DestinationHigh, DestinationLow;
    public FieldSlot SourcePort, DestinationPort, IcmpTypeCode, IcmpType, IcmpCode;
    public FieldSlot Protocol, TcpFlags, Tos, Dscp, Ttl;
    public FieldSlot Input, Output, PhysicalInput, PhysicalOutput;
    public FieldSlot Bytes, Packets, PostBytes, PostPackets;
    public FieldSlot Start, End, Duration, BootTime;
    public TimeForm StartForm, EndForm, DurationForm;
    public FieldSlot Sampler, RateInterval, RateSpace, RateSize, RatePopulation;
    public FieldSlot Direction, ForwardingStatus, FragmentOffset, FragmentFlags;
    public FieldSlot FrameSize, TotalLength;

    /// <summary>Reverse half of a biflow (RFC 5103); present with <see cref="PlanTraits.Biflow"/>.</summary>
    public FieldSlot ReverseBytes, ReversePackets, ReverseTcpFlags, ReverseTos, ReverseTtl, ReverseStart, ReverseEnd;
    public TimeForm ReverseStartForm, ReverseEndForm;

    /// <summary>Offset and length of the sampled packet's first octets in the (gathered) record; with <see cref="PlanTraits.PacketSection"/>.</summary>
    public int SectionOffset, SectionLength;

    /// <summary>Link type of the packet section: 1 Ethernet, 101 raw IP (draft-ietf-opsawg-pcaplinktype).</summary>
    public int SectionLinkType;
}

/// <summary>What the records of a template need beyond the ordinary; each is a branch that always goes the same way.</summary>
[Flags]
internal enum PlanTraits
{
    None = 0,
    V4 = 1,
    V6 = 2,
    Icmp = 4,
    PhysicalInterfaces = 8,
    PostCounters = 16,
    RecordRate = 32,
    Status = 64,
    Fragments = 128,
    Biflow = 256,
    PacketSection = 512,

    /// <summary>The record is one packet and carries its length instead of counters (RFC 5476 §2.1).</summary>
    PacketReport = 1024,
    BootTime = 2048,
    Duration = 4096,
    Dscp = 8192,
    Sampler = 16384,

    /// <summary>The fields of the inner packet of a tunnel are used.</summary>
    Tunnel = 32768,
}

/// <summary>How a field tells a moment or a duration.</summary>
internal enum TimeForm : byte
{
    None,

    /// <summary>Seconds since 1970 (RFC 7011 §6.1.7).</summary>
    Seconds,

    /// <summary>Milliseconds since 1970 (RFC 7011 §6.1.8); as a duration, milliseconds.</summary>
    Milliseconds,

    /// <summary>NTP timestamp, the last 11 bits meaningless (RFC 7011 §6.1.9).</summary>
    NtpMicroseconds,

    /// <summary>NTP timestamp (RFC 7011 §6.1.10).</summary>
    NtpNanoseconds,

    /// <summary>Microseconds before the export time of the header; as a duration, microseconds.</summary>
    Microseconds,

    /// <summary>Milliseconds of uptime.</summary>
    Uptime,
}

/// <summary>One step in making a fixed-length record of one with variable-length fields.</summary>
/// <param name="Source">Octets taken from the record; <see cref="FieldSpecifier.Variable"/> reads the length from the record.</param>
/// <param name="Room">Octets given in the gathered record; 0 drops the field.</param>
/// <param name="AlignLeft">Packet bytes stand at the left of their room and are padded; numbers stand at the right.</param>
internal readonly record struct GatherStep(int Source, int Room, bool AlignLeft);
