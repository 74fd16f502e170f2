using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Turns one record into a flow by its template's plan. The hot path of NetFlow v9 and IPFIX.</summary>
internal readonly ref struct FlowFiller(RecordPlan plan, ExportClock clock, ObservationDomain domain, SamplingTable sampling)
{
    private const long MaxMilliseconds = long.MaxValue / Timestamp.NanosecondsPerMillisecond;
    private const byte Icmp = 1;
    private const byte IcmpV6 = 58;

    /// <param name="window">The record with the <see cref="FieldSlot.Lead"/> octets before it; at least the plan's length.</param>
    /// <param name="flow">Cleared, or holding what a packet section told.</param>
    public void Fill(ReadOnlySpan<byte> window, ref Flow flow)
    {
        var traits = plan.Traits;
        var extra = traits & ~(PlanTraits.V4 | PlanTraits.V6 | PlanTraits.Icmp | PlanTraits.Sampler);
        // What the packet itself says goes before what the exporter says of it.
        if ((traits & PlanTraits.PacketSection) == 0 || flow.Source.IsNone) FillHeaders(window, ref flow);
        flow.InputInterface = (uint)plan.Input.Read(window);
        flow.OutputInterface = (uint)plan.Output.Read(window);
        // flowDirection (IE 61) is 0 for ingress, 1 for egress: a coin toss, so no branch.
        flow.Flags |= (FlowFlags)((byte)plan.Direction.Read(window) == 1 ? (int)FlowFlags.Egress : 0);

        FillTimes(window, ref flow);

        var bytes = plan.Bytes.Read(window);
        var packets = plan.Packets.Read(window);
        if (extra != 0) FillExtras(window, extra, ref flow, ref bytes, ref packets);
        if (flow.Protocol is Icmp or IcmpV6) FillIcmp(window, ref flow);

        var rate = FindRate(window, flow.InputInterface, out var isKnown);
        if (!isKnown) flow.Flags |= FlowFlags.SamplingUnknown;
        flow.SampledPackets = (uint)Math.Min(packets, uint.MaxValue);
        flow.Bytes = SamplingArithmetic.Scale(bytes, rate);
        flow.Packets = SamplingArithmetic.Scale(packets, rate);
    }

    /// <summary>Octets on the wire of the packet that the record carries the beginning of; 0 when it does not say.</summary>
    public int SectionOriginalLength(ReadOnlySpan<byte> window) =>
        (int)Math.Min(plan.SectionLinkType == LinkTypes.Raw ? plan.TotalLength.Read(window) : plan.FrameSize.Read(window), int.MaxValue);

    /// <summary>Makes the reverse half of a biflow from its forward half (RFC 5103 §3): ends swapped, its own counters.</summary>
    /// <returns>False when the other side sent nothing.</returns>
    public bool FillReverse(ReadOnlySpan<byte> window, in Flow forward, ref Flow reverse)
    {
        var bytes = plan.ReverseBytes.Read(window);
        var packets = plan.ReversePackets.Read(window);
        if ((bytes | packets) == 0) return false;

        reverse = forward;
        reverse.Source = forward.Destination;
        reverse.Destination = forward.Source;
        reverse.SourcePort = forward.DestinationPort;
        reverse.DestinationPort = forward.SourcePort;
        reverse.InputInterface = forward.OutputInterface;
        reverse.OutputInterface = forward.InputInterface;
        reverse.TcpFlags = (byte)plan.ReverseTcpFlags.Read(window);
        if (forward.Protocol is Icmp or IcmpV6)
        {
            // The type and code are the forward direction's: an echo's answer has no element of its own.
            reverse.SourcePort = 0;
            reverse.DestinationPort = 0;
        }
        if (plan.ReverseTos.IsPresent) reverse.Tos = (byte)plan.ReverseTos.Read(window);
        reverse.Ttl = (byte)plan.ReverseTtl.Read(window);
        if (plan.ReverseStart.IsPresent) reverse.Start = new Timestamp(Moment(plan.ReverseStartForm, plan.ReverseStart.Read(window)));
        if (plan.ReverseEnd.IsPresent) reverse.End = new Timestamp(Moment(plan.ReverseEndForm, plan.ReverseEnd.Read(window)));
        if (reverse.End < reverse.Start) reverse.End = reverse.Start;

        var rate = FindRate(window, forward.InputInterface, out _);
        reverse.SampledPackets = (uint)Math.Min(packets, uint.MaxValue);
        reverse.Bytes = SamplingArithmetic.Scale(bytes, rate);
        reverse.Packets = SamplingArithmetic.Scale(packets, rate);
        reverse.Flags = (forward.Flags & FlowFlags.SamplingUnknown) | FlowFlags.Reverse;
        if (forward.Packets > 0 || forward.Bytes > 0) reverse.Flags |= FlowFlags.Answered;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillHeaders(ReadOnlySpan<byte> window, ref Flow flow)
    {
        if ((plan.Traits & PlanTraits.V6) != 0) FillAddresses(window, ref flow);
        else if ((plan.Traits & PlanTraits.V4) != 0)
        {
            flow.Source = IpAddr.V4((uint)plan.SourceV4.Read(window));
            flow.Destination = IpAddr.V4((uint)plan.DestinationV4.Read(window));
        }
        flow.SourcePort = (ushort)plan.SourcePort.Read(window);
        flow.DestinationPort = (ushort)plan.DestinationPort.Read(window);
        flow.Protocol = (byte)plan.Protocol.Read(window);
        flow.TcpFlags = (byte)plan.TcpFlags.Read(window);
        flow.Tos = (byte)plan.Tos.Read(window);
        flow.Ttl = (byte)plan.Ttl.Read(window);
    }

    private void FillAddresses(ReadOnlySpan<byte> window, ref Flow flow)
    {
        var source = new IpAddr(plan.SourceHigh.Read(window), plan.SourceLow.Read(window));
        var destination = new IpAddr(plan.DestinationHigh.Read(window), plan.DestinationLow.Read(window));
        // Some exporters have one template for both families and leave the other one's addresses zero.
        var isV4 = (plan.Traits & PlanTraits.V4) != 0 && source.IsNone && destination.IsNone;
        flow.Source = isV4 ? IpAddr.V4((uint)plan.SourceV4.Read(window)) : source;
        flow.Destination = isV4 ? IpAddr.V4((uint)plan.DestinationV4.Read(window)) : destination;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillTimes(ReadOnlySpan<byte> window, ref Flow flow)
    {
        if (plan.StartForm == TimeForm.Uptime && plan.EndForm == TimeForm.Uptime && clock.HasUptime)
        {
            flow.Start = new Timestamp(clock.AtUptime((uint)plan.Start.Read(window)));
            flow.End = new Timestamp(clock.AtUptime((uint)plan.End.Read(window)));
        }
        else if (plan.StartForm == TimeForm.Milliseconds && plan.EndForm == TimeForm.Milliseconds)
        {
            // What nearly every IPFIX exporter sends.
            flow.Start = new Timestamp(Moment(TimeForm.Milliseconds, plan.Start.Read(window)));
            flow.End = new Timestamp(Moment(TimeForm.Milliseconds, plan.End.Read(window)));
        }
        else FillOtherTimes(window, ref flow);
        if (flow.End < flow.Start) flow.End = flow.Start;
    }

    private void FillOtherTimes(ReadOnlySpan<byte> window, ref Flow flow)
    {
        var start = plan.Start.Read(window);
        var end = plan.End.Read(window);
        if ((plan.Traits & PlanTraits.BootTime) != 0)
        {
            var booted = clock.WithBoot(plan.BootTime.Read(window));
            if (plan.StartForm == TimeForm.Uptime) flow.Start = new Timestamp(booted.AtUptime((uint)start));
            if (plan.EndForm == TimeForm.Uptime) flow.End = new Timestamp(booted.AtUptime((uint)end));
        }
        if (flow.Start == default) flow.Start = new Timestamp(Moment(plan.StartForm, start));
        if (flow.End == default) flow.End = new Timestamp(Moment(plan.EndForm, end));
        if (plan.StartForm == TimeForm.Uptime && plan.EndForm == TimeForm.Uptime && flow.Start == flow.End)
        {
            // Both fell back to the export time, for want of a boot time; how long it lasted is known all the same.
            var lasted = unchecked((uint)end - (uint)start);
            if (lasted < int.MaxValue) flow.Start = new Timestamp(flow.End.Nanoseconds - lasted * Timestamp.NanosecondsPerMillisecond);
        }
        if ((plan.Traits & PlanTraits.Duration) != 0) FillByDuration(window, ref flow);
        else if (plan.StartForm == TimeForm.None) flow.Start = flow.End;
        else if (plan.EndForm == TimeForm.None) flow.End = flow.Start;
    }

    private void FillByDuration(ReadOnlySpan<byte> window, ref Flow flow)
    {
        // IE 161 and 162 are of at most 32 bits.
        long unit = plan.DurationForm == TimeForm.Microseconds ? 1_000 : Timestamp.NanosecondsPerMillisecond;
        var lasted = (uint)plan.Duration.Read(window) * unit;
        if (plan.EndForm == TimeForm.None && plan.StartForm != TimeForm.None) flow.End = new Timestamp(flow.Start.Nanoseconds + lasted);
        else if (plan.StartForm == TimeForm.None) flow.Start = new Timestamp(flow.End.Nanoseconds - lasted);
    }

    /// <summary>A time field in nanoseconds since 1970; the export time where it is absent, zero or outside what fits.</summary>
    private long Moment(TimeForm form, ulong value)
    {
        switch (form)
        {
            case TimeForm.Seconds when value is > 0 and <= uint.MaxValue:
                return (long)value * Timestamp.NanosecondsPerSecond;
            case TimeForm.Milliseconds when value is > 0 and <= MaxMilliseconds:
                return (long)value * Timestamp.NanosecondsPerMillisecond;
            case TimeForm.NtpMicroseconds when value > 0:
                return NtpTime.ToTimestamp(value & ~0x7FFUL).Nanoseconds;
            case TimeForm.NtpNanoseconds when value > 0:
                return NtpTime.ToTimestamp(value).Nanoseconds;
            case TimeForm.Microseconds:
                return clock.ExportedAt - (uint)value * 1_000L;
            case TimeForm.Uptime when clock.HasUptime:
                return clock.AtUptime((uint)value);
            default:
                return clock.ExportedAt;
        }
    }

    private void FillExtras(ReadOnlySpan<byte> window, PlanTraits extra, ref Flow flow, ref ulong bytes, ref ulong packets)
    {
        if ((extra & PlanTraits.Tunnel) != 0) flow.Flags |= FlowFlags.Tunnelled;
        if ((extra & PlanTraits.Dscp) != 0) flow.Tos = (byte)(plan.Dscp.Read(window) << 2);
        if ((extra & PlanTraits.PhysicalInterfaces) != 0)
        {
            if (flow.InputInterface == 0) flow.InputInterface = (uint)plan.PhysicalInput.Read(window);
            if (flow.OutputInterface == 0) flow.OutputInterface = (uint)plan.PhysicalOutput.Read(window);
        }
        // IE 23 and 24 count what left the middlebox; where nothing else is counted they are the flow.
        if ((extra & PlanTraits.PostCounters) != 0 && (bytes | packets) == 0)
        {
            bytes = plan.PostBytes.Read(window);
            packets = plan.PostPackets.Read(window);
        }
        if ((extra & (PlanTraits.PacketReport | PlanTraits.PacketSection)) != 0 && (bytes | packets) == 0)
        {
            packets = 1;
            bytes = plan.TotalLength.IsPresent ? plan.TotalLength.Read(window) : (ulong)flow.Bytes;
            flow.Flags |= FlowFlags.SinglePacket;
        }
        if (packets > 1) flow.Flags &= ~FlowFlags.SinglePacket;
        if ((extra & PlanTraits.Status) != 0)
        {
            // IE 89: the two high bits of the last octet are 10 for dropped, whatever the reason.
            if ((plan.ForwardingStatus.Read(window) & 0xC0) == 0x80) flow.Flags |= FlowFlags.Dropped;
        }
        if ((extra & PlanTraits.Fragments) != 0)
        {
            const ulong moreFragments = 0x20;
            if (plan.FragmentOffset.Read(window) != 0) flow.Flags |= FlowFlags.Fragment | FlowFlags.LaterFragment;
            else if ((plan.FragmentFlags.Read(window) & moreFragments) != 0) flow.Flags |= FlowFlags.Fragment;
        }
    }

    /// <summary>Type and code go where NetFlow has always put them, in the destination port; some exporters put an identifier in the source port.</summary>
    private void FillIcmp(ReadOnlySpan<byte> window, ref Flow flow)
    {
        flow.SourcePort = 0;
        if ((plan.Traits & PlanTraits.Icmp) == 0) return;
        var typeCode = plan.IcmpTypeCode.IsPresent
            ? plan.IcmpTypeCode.Read(window)
            : (byte)plan.IcmpType.Read(window) * 256UL + (byte)plan.IcmpCode.Read(window);
        if (typeCode != 0) flow.DestinationPort = (ushort)typeCode;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint FindRate(ReadOnlySpan<byte> window, uint input, out bool isKnown)
    {
        var traits = plan.Traits & (PlanTraits.Sampler | PlanTraits.RecordRate);
        if ((traits & PlanTraits.RecordRate) != 0 && TryRecordRate(window, input, out var own))
        {
            isKnown = true;
            return own;
        }
        uint? sampler = (traits & PlanTraits.Sampler) != 0 ? (uint)plan.Sampler.Read(window) : null;
        return domain.Sampling.Find(sampling, domain.Id, sampler, input, out isKnown);
    }

    /// <summary>The rate that the record itself carries, unless the operator overrides it.</summary>
    private bool TryRecordRate(ReadOnlySpan<byte> window, uint input, out uint rate)
    {
        rate = 1;
        if (sampling.Override != 0 || sampling.InterfaceOverrides.ContainsKey(input)) return false;
        var own = SamplingArithmetic.Ratio(plan.RatePopulation.Read(window), plan.RateSize.Read(window));
        var interval = plan.RateInterval.Read(window);
        own ??= plan.RateSpace.IsPresent && interval != 0
            ? SamplingArithmetic.Ratio(interval + plan.RateSpace.Read(window), interval)
            : SamplingArithmetic.Ratio(interval, 1);
        rate = own ?? 1;
        return own is not null;
    }
}
