using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Compiles a template's fields to a <see cref="RecordPlan"/>.</summary>
/// <remarks>Where a template tells one thing in several ways, the better one wins: see the ranks. Of one element named twice the first counts, tunnels apart.</remarks>
internal ref struct RecordPlanCompiler
{
    /// <summary>Room for a variable-length packet section in a gathered record: headers fit, and no exporter sends more.</summary>
    private const int SectionRoom = 256;

    private const byte Unset = byte.MaxValue;

    private readonly RecordPlan _plan;
    private Ranks _ranks;
    private int _at;
    private int _fieldOffset;
    private int _fieldLength;
    private readonly bool _isTunnel;

    private RecordPlanCompiler(RecordPlan plan, bool isTunnel)
    {
        _plan = plan;
        _ranks = new Ranks();
        _isTunnel = isTunnel;
        if (isTunnel) plan.Traits |= PlanTraits.Tunnel;
    }

    public static RecordPlan Compile(ReadOnlySpan<FieldSpecifier> fields)
    {
        var isVariable = false;
        var protocols = 0;
        foreach (var field in fields)
        {
            isVariable |= field.IsVariable;
            if (field is { Enterprise: 0, Element: (ushort)Element.ProtocolIdentifier }) protocols++;
        }
        var compiler = new RecordPlanCompiler(new RecordPlan(), isTunnel: protocols > 1);
        if (isVariable) compiler.BindGathered(fields);
        else
        {
            foreach (var field in fields) compiler.BindNext(field, field.Length);
        }
        return compiler.Finish();
    }

    private void BindGathered(ReadOnlySpan<FieldSpecifier> fields)
    {
        var steps = new GatherStep[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            var field = fields[i];
            var isSection = SectionLinkTypeOf(field) != LinkTypes.Null;
            // Numbers are not sent with variable length in practice; nothing forbids it, and 16 octets hold any of them.
            var room = !field.IsVariable ? field.Length : isSection ? SectionRoom : 16;
            steps[i] = new GatherStep(field.Length, room, isSection);
            BindNext(field, room);
        }
        _plan.Gather = steps;
    }

    private void BindNext(FieldSpecifier field, int length)
    {
        _fieldOffset = _at;
        _fieldLength = length;
        _at += length;
        if (length == 0) return;
        if (field.Enterprise == 0) Bind((Element)field.Element);
        else if (field.Enterprise == FieldSpecifier.ReverseEnterprise) BindReverse((Element)field.Element);
    }

    private void Bind(Element element)
    {
        if (_isTunnel) ForgetOuter(element);
        switch (element)
        {
            case Element.SourceIPv4Address: Set(ref _plan.SourceV4, ref _ranks.SourceV4, 0); break;
            case Element.SourceIPv4Prefix: Set(ref _plan.SourceV4, ref _ranks.SourceV4, 1); break;
            case Element.DestinationIPv4Address: Set(ref _plan.DestinationV4, ref _ranks.DestinationV4, 0); break;
            case Element.DestinationIPv4Prefix: Set(ref _plan.DestinationV4, ref _ranks.DestinationV4, 1); break;
            case Element.SourceIPv6Address: SetAddress(ref _plan.SourceHigh, ref _plan.SourceLow, ref _ranks.SourceV6, 0); break;
            case Element.SourceIPv6Prefix: SetAddress(ref _plan.SourceHigh, ref _plan.SourceLow, ref _ranks.SourceV6, 1); break;
            case Element.DestinationIPv6Address: SetAddress(ref _plan.DestinationHigh, ref _plan.DestinationLow, ref _ranks.DestinationV6, 0); break;
            case Element.DestinationIPv6Prefix: SetAddress(ref _plan.DestinationHigh, ref _plan.DestinationLow, ref _ranks.DestinationV6, 1); break;

            case Element.SourceTransportPort: Set(ref _plan.SourcePort, ref _ranks.SourcePort, 0); break;
            case Element.UdpSourcePort: Set(ref _plan.SourcePort, ref _ranks.SourcePort, 1); break;
            case Element.TcpSourcePort: Set(ref _plan.SourcePort, ref _ranks.SourcePort, 2); break;
            case Element.DestinationTransportPort: Set(ref _plan.DestinationPort, ref _ranks.DestinationPort, 0); break;
            case Element.UdpDestinationPort: Set(ref _plan.DestinationPort, ref _ranks.DestinationPort, 1); break;
            case Element.TcpDestinationPort: Set(ref _plan.DestinationPort, ref _ranks.DestinationPort, 2); break;
            case Element.IcmpTypeCodeIPv4 or Element.IcmpTypeCodeIPv6: SetFirst(ref _plan.IcmpTypeCode, PlanTraits.Icmp); break;
            case Element.IcmpTypeIPv4 or Element.IcmpTypeIPv6: SetFirst(ref _plan.IcmpType, PlanTraits.Icmp); break;
            case Element.IcmpCodeIPv4 or Element.IcmpCodeIPv6: SetFirst(ref _plan.IcmpCode, PlanTraits.Icmp); break;

            case Element.ProtocolIdentifier: SetFirst(ref _plan.Protocol); break;
            case Element.TcpControlBits: SetFirst(ref _plan.TcpFlags); break;
            case Element.IpClassOfService: SetFirst(ref _plan.Tos); break;
            case Element.IpDiffServCodePoint: SetFirst(ref _plan.Dscp, PlanTraits.Dscp); break;
            case Element.IpTtl: Set(ref _plan.Ttl, ref _ranks.Ttl, 0); break;
            case Element.MinimumTtl: Set(ref _plan.Ttl, ref _ranks.Ttl, 1); break;

            case Element.IngressInterface: SetFirst(ref _plan.Input); break;
            case Element.EgressInterface: SetFirst(ref _plan.Output); break;
            case Element.IngressPhysicalInterface: SetFirst(ref _plan.PhysicalInput, PlanTraits.PhysicalInterfaces); break;
            case Element.EgressPhysicalInterface: SetFirst(ref _plan.PhysicalOutput, PlanTraits.PhysicalInterfaces); break;

            // Deltas before totals: a long flow's totals are reported again and again.
            case Element.OctetDeltaCount: Set(ref _plan.Bytes, ref _ranks.Bytes, 0); break;
            case Element.OctetTotalCount: Set(ref _plan.Bytes, ref _ranks.Bytes, 1); break;
            case Element.InitiatorOctets: Set(ref _plan.Bytes, ref _ranks.Bytes, 2); break;
            case Element.Layer2OctetDeltaCount: Set(ref _plan.Bytes, ref _ranks.Bytes, 3); break;
            case Element.PacketDeltaCount: Set(ref _plan.Packets, ref _ranks.Packets, 0); break;
            case Element.PacketTotalCount: Set(ref _plan.Packets, ref _ranks.Packets, 1); break;
            case Element.InitiatorPackets: Set(ref _plan.Packets, ref _ranks.Packets, 2); break;
            case Element.PostOctetDeltaCount: SetFirst(ref _plan.PostBytes, PlanTraits.PostCounters); break;
            case Element.PostPacketDeltaCount: SetFirst(ref _plan.PostPackets, PlanTraits.PostCounters); break;
            case Element.ResponderOctets: Set(ref _plan.ReverseBytes, ref _ranks.ReverseBytes, 1); break;
            case Element.ResponderPackets: Set(ref _plan.ReversePackets, ref _ranks.ReversePackets, 1); break;
            case Element.IpTotalLength: SetFirst(ref _plan.TotalLength, PlanTraits.PacketReport); break;

            case Element.SamplerId: Set(ref _plan.Sampler, ref _ranks.Sampler, 1); break;
            case Element.SelectorId: Set(ref _plan.Sampler, ref _ranks.Sampler, 0); break;
            case Element.SamplingPacketInterval: Set(ref _plan.RateInterval, ref _ranks.Rate, 0, PlanTraits.RecordRate); break;
            case Element.SamplingInterval: Set(ref _plan.RateInterval, ref _ranks.Rate, 1, PlanTraits.RecordRate); break;
            case Element.SamplerRandomInterval: Set(ref _plan.RateInterval, ref _ranks.Rate, 2, PlanTraits.RecordRate); break;
            case Element.SamplingPacketSpace: SetFirst(ref _plan.RateSpace); break;
            case Element.SamplingSize: SetFirst(ref _plan.RateSize, PlanTraits.RecordRate); break;
            case Element.SamplingPopulation: SetFirst(ref _plan.RatePopulation); break;

            case Element.FlowDirection: SetFirst(ref _plan.Direction); break;
            case Element.ForwardingStatus: SetFirst(ref _plan.ForwardingStatus, PlanTraits.Status); break;
            case Element.FragmentOffset: SetFirst(ref _plan.FragmentOffset, PlanTraits.Fragments); break;
            case Element.FragmentFlags: SetFirst(ref _plan.FragmentFlags, PlanTraits.Fragments); break;
            case Element.SystemInitTimeMilliseconds: SetFirst(ref _plan.BootTime, PlanTraits.BootTime); break;

            case Element.FlowDurationMicroseconds: SetTime(ref _plan.Duration, ref _plan.DurationForm, ref _ranks.Duration, 0, TimeForm.Microseconds); break;
            case Element.FlowDurationMilliseconds: SetTime(ref _plan.Duration, ref _plan.DurationForm, ref _ranks.Duration, 1, TimeForm.Milliseconds); break;

            case Element.Layer2PacketSectionData or Element.DataLinkFrameSection: SetSection(LinkTypes.Ethernet); break;
            case Element.IpHeaderPacketSection: SetSection(LinkTypes.Raw); break;
            case Element.DataLinkFrameSize: SetFirst(ref _plan.FrameSize); break;
            default: BindTime(element); break;
        }
    }

    /// <summary>
    /// Of a tunnelled packet some routers send both headers, the outer one first, under the same elements (RFC 7011 §8: order
    /// tells them apart). The flow is then the inner one, as in a packet.
    /// </summary>
    private void ForgetOuter(Element element)
    {
        switch (element)
        {
            case Element.SourceIPv4Address or Element.SourceIPv6Address:
                (_plan.SourceV4, _plan.SourceHigh, _plan.SourceLow) = (default, default, default);
                (_ranks.SourceV4, _ranks.SourceV6) = (Unset, Unset);
                break;
            case Element.DestinationIPv4Address or Element.DestinationIPv6Address:
                (_plan.DestinationV4, _plan.DestinationHigh, _plan.DestinationLow) = (default, default, default);
                (_ranks.DestinationV4, _ranks.DestinationV6) = (Unset, Unset);
                break;
            case Element.SourceTransportPort: _ranks.SourcePort = Unset; break;
            case Element.DestinationTransportPort: _ranks.DestinationPort = Unset; break;
            case Element.ProtocolIdentifier: _plan.Protocol = default; break;
            case Element.TcpControlBits: _plan.TcpFlags = default; break;
            case Element.IpClassOfService: _plan.Tos = default; break;
            case Element.IpTtl or Element.MinimumTtl: _ranks.Ttl = Unset; break;
            case Element.IcmpTypeCodeIPv4 or Element.IcmpTypeCodeIPv6: _plan.IcmpTypeCode = default; break;
        }
    }

    private void BindTime(Element element)
    {
        var (form, rank) = TimeFormOf(element);
        if (form == TimeForm.None) return;
        var isObservation = element is >= Element.ObservationTimeSeconds and <= Element.ObservationTimeNanoseconds;
        if (isObservation || IsStart(element)) SetTime(ref _plan.Start, ref _plan.StartForm, ref _ranks.Start, rank, form);
        if (isObservation || !IsStart(element)) SetTime(ref _plan.End, ref _plan.EndForm, ref _ranks.End, rank, form);
    }

    /// <summary>RFC 5103 §6.1: the same elements under another enterprise number; what isn't there is the forward value.</summary>
    private void BindReverse(Element element)
    {
        switch (element)
        {
            case Element.OctetDeltaCount: Set(ref _plan.ReverseBytes, ref _ranks.ReverseBytes, 0); break;
            case Element.OctetTotalCount: Set(ref _plan.ReverseBytes, ref _ranks.ReverseBytes, 2); break;
            case Element.PacketDeltaCount: Set(ref _plan.ReversePackets, ref _ranks.ReversePackets, 0); break;
            case Element.PacketTotalCount: Set(ref _plan.ReversePackets, ref _ranks.ReversePackets, 2); break;
            case Element.TcpControlBits: SetFirst(ref _plan.ReverseTcpFlags); break;
            case Element.IpClassOfService: SetFirst(ref _plan.ReverseTos); break;
            case Element.IpTtl or Element.MinimumTtl: SetFirst(ref _plan.ReverseTtl); break;
            default:
                var (form, rank) = TimeFormOf(element);
                if (form == TimeForm.None || element >= Element.ObservationTimeSeconds) return;
                if (IsStart(element)) SetTime(ref _plan.ReverseStart, ref _plan.ReverseStartForm, ref _ranks.ReverseStart, rank, form);
                else SetTime(ref _plan.ReverseEnd, ref _plan.ReverseEndForm, ref _ranks.ReverseEnd, rank, form);
                break;
        }
    }

    /// <summary>The finer the unit the better; a sampled packet's time of observation stands in where a flow has no times.</summary>
    private static (TimeForm Form, byte Rank) TimeFormOf(Element element) => element switch
    {
        Element.FlowStartNanoseconds or Element.FlowEndNanoseconds => (TimeForm.NtpNanoseconds, 0),
        Element.FlowStartMicroseconds or Element.FlowEndMicroseconds => (TimeForm.NtpMicroseconds, 1),
        Element.FlowStartDeltaMicroseconds or Element.FlowEndDeltaMicroseconds => (TimeForm.Microseconds, 2),
        Element.FlowStartMilliseconds or Element.FlowEndMilliseconds => (TimeForm.Milliseconds, 3),
        Element.FlowStartSysUpTime or Element.FlowEndSysUpTime => (TimeForm.Uptime, 4),
        Element.FlowStartSeconds or Element.FlowEndSeconds => (TimeForm.Seconds, 5),
        Element.ObservationTimeNanoseconds => (TimeForm.NtpNanoseconds, 6),
        Element.ObservationTimeMicroseconds => (TimeForm.NtpMicroseconds, 7),
        Element.ObservationTimeMilliseconds => (TimeForm.Milliseconds, 8),
        Element.ObservationTimeSeconds => (TimeForm.Seconds, 9),
        _ => (TimeForm.None, Unset),
    };

    private static bool IsStart(Element element) => element
        is Element.FlowStartNanoseconds or Element.FlowStartMicroseconds or Element.FlowStartDeltaMicroseconds
        or Element.FlowStartMilliseconds or Element.FlowStartSysUpTime or Element.FlowStartSeconds;

    private static int SectionLinkTypeOf(FieldSpecifier field) => field.Enterprise != 0 ? LinkTypes.Null : (Element)field.Element switch
    {
        Element.Layer2PacketSectionData or Element.DataLinkFrameSection => LinkTypes.Ethernet,
        Element.IpHeaderPacketSection => LinkTypes.Raw,
        _ => LinkTypes.Null,
    };

    private void Set(ref FieldSlot slot, ref byte rank, byte newRank, PlanTraits trait = PlanTraits.None)
    {
        if (newRank >= rank) return;
        rank = newRank;
        slot = new FieldSlot(_fieldOffset, _fieldLength);
        _plan.Traits |= trait;
    }

    private void SetFirst(ref FieldSlot slot, PlanTraits trait = PlanTraits.None)
    {
        if (slot.IsPresent) return;
        slot = new FieldSlot(_fieldOffset, _fieldLength);
        _plan.Traits |= trait;
    }

    private void SetAddress(ref FieldSlot high, ref FieldSlot low, ref byte rank, byte newRank)
    {
        // A prefix may be sent without its trailing zeros; such a short one says too little to be an end of a flow.
        if (newRank >= rank || _fieldLength != 16) return;
        rank = newRank;
        high = new FieldSlot(_fieldOffset, 8);
        low = new FieldSlot(_fieldOffset + 8, 8);
    }

    private void SetTime(ref FieldSlot slot, ref TimeForm form, ref byte rank, byte newRank, TimeForm newForm)
    {
        if (newRank >= rank) return;
        Set(ref slot, ref rank, newRank);
        form = newForm;
    }

    private readonly void SetSection(int linkType)
    {
        if ((_plan.Traits & PlanTraits.PacketSection) != 0) return;
        _plan.SectionOffset = _fieldOffset;
        _plan.SectionLength = _fieldLength;
        _plan.SectionLinkType = linkType;
        _plan.Traits |= PlanTraits.PacketSection;
    }

    private readonly RecordPlan Finish()
    {
        var plan = _plan;
        plan.Length = _at;
        if (plan.SourceV4.IsPresent || plan.DestinationV4.IsPresent) plan.Traits |= PlanTraits.V4;
        if (plan.SourceLow.IsPresent || plan.DestinationLow.IsPresent) plan.Traits |= PlanTraits.V6;
        if (plan.Duration.IsPresent) plan.Traits |= PlanTraits.Duration;
        if (plan.Sampler.IsPresent) plan.Traits |= PlanTraits.Sampler;
        if (plan.ReverseBytes.IsPresent || plan.ReversePackets.IsPresent) plan.Traits |= PlanTraits.Biflow;
        if (plan.Tos.IsPresent) plan.Traits &= ~PlanTraits.Dscp;

        var hasCounters = plan.Bytes.IsPresent || plan.Packets.IsPresent || plan.PostBytes.IsPresent || plan.PostPackets.IsPresent;
        if (hasCounters) plan.Traits &= ~PlanTraits.PacketReport;
        var isPacket = (plan.Traits & (PlanTraits.PacketReport | PlanTraits.PacketSection)) != 0;
        var hasAddresses = (plan.Traits & (PlanTraits.V4 | PlanTraits.V6 | PlanTraits.PacketSection)) != 0;
        plan.IsTraffic = hasAddresses && (hasCounters || isPacket);
        return plan;
    }

    /// <summary>How good the field is that each slot was bound to; the best is 0.</summary>
    private struct Ranks()
    {
        public byte SourceV4 = Unset, DestinationV4 = Unset, SourceV6 = Unset, DestinationV6 = Unset;
        public byte SourcePort = Unset, DestinationPort = Unset, Ttl = Unset, Bytes = Unset, Packets = Unset;
        public byte ReverseBytes = Unset, ReversePackets = Unset, Sampler = Unset, Rate = Unset;
        public byte Start = Unset, End = Unset, Duration = Unset, ReverseStart = Unset, ReverseEnd = Unset;
    }
}
