using Breakwater.Core.Net;

namespace Breakwater.Core.Flows;

/// <summary>A device that sends flow records (RFC 7011 §2), with its health. Written by one receiver; counters may be read by others.</summary>
public sealed class Exporter(IpAddr address, ushort number)
{
    private readonly long[] _errors = new long[Enum.GetValues<DecodeError>().Length];

    public IpAddr Address { get; } = address;

    /// <summary>What <see cref="Flow.Exporter"/> carries; 0 is the machine itself.</summary>
    public ushort Number { get; } = number;

    /// <summary>Name of the protocol last seen from it.</summary>
    public string Protocol { get; set; } = "";

    public Timestamp FirstSeen { get; set; }
    public Timestamp LastSeen { get; set; }
    public long Datagrams;
    public long Octets;
    public long Flows;

    /// <summary>Packets its records counted, before scaling by sampling.</summary>
    public long SampledPackets;

    /// <summary>Datagrams (NetFlow v9, sFlow) or records (v5, IPFIX) that sequence numbers show to be missing.</summary>
    public long Lost;

    /// <summary>Data sets kept until their template arrives, now.</summary>
    public int WaitingForTemplate;

    /// <summary>Data sets dropped because their template never came or the waiting room was full.</summary>
    public long DroppedWithoutTemplate;

    /// <summary>Templates known, now.</summary>
    public int Templates;

    /// <summary>The exporter's clock minus ours at the last datagram that carried its time; null when none did.</summary>
    public TimeSpan? ClockSkew { get; set; }

    /// <summary>Every sampling rate in force, by observation domain and sampler or interface.</summary>
    public SamplingTable Sampling { get; } = new();

    /// <summary>The address an sFlow agent gives itself; differs from <see cref="Address"/> behind a relay. None for other protocols.</summary>
    public IpAddr Agent { get; set; }

    /// <summary>Counters of its interfaces, where it sends them (sFlow).</summary>
    public InterfaceTable Interfaces { get; } = new();

    /// <summary>Counts an error and hands it back, so that a decoder can return it.</summary>
    public DecodeError Counted(DecodeError error)
    {
        Count(error);
        return error;
    }

    /// <summary>Adds what a sequence number showed to be missing; negative when it came late after all.</summary>
    public void AddLost(long count) => Lost = Math.Max(0, Lost + count);

    public void Count(DecodeError error)
    {
        if (error != DecodeError.None) _errors[(int)error]++;
    }

    public long ErrorsOf(DecodeError error) => _errors[(int)error];

    public long Errors => _errors.Sum();
}
