using Breakwater.Core.Flows;
using Breakwater.Core.Metering;

namespace Breakwater.Tests.Core.Metering;

public class TrafficClassesTests
{
    [Theory]
    [InlineData(6, 0x02, 1, FlowFlags.None, TrafficClass.TcpSyn)]
    [InlineData(6, 0x02, 500, FlowFlags.None, TrafficClass.TcpSyn)]
    [InlineData(6, 0x12, 2, FlowFlags.None, TrafficClass.TcpAnswer)]
    [InlineData(6, 0x12, 3, FlowFlags.None, TrafficClass.TcpOther)]
    [InlineData(6, 0x04, 1, FlowFlags.None, TrafficClass.TcpAnswer)]
    [InlineData(6, 0x14, 3_000_000_000, FlowFlags.None, TrafficClass.TcpOther)]
    [InlineData(6, 0x1B, 1, FlowFlags.None, TrafficClass.TcpOther)]
    [InlineData(6, 0x10, 1, FlowFlags.None, TrafficClass.TcpOther)]
    [InlineData(17, 0x02, 1, FlowFlags.None, TrafficClass.Udp)]
    [InlineData(1, 0, 1, FlowFlags.None, TrafficClass.Icmp)]
    [InlineData(58, 0, 1, FlowFlags.None, TrafficClass.Icmp)]
    [InlineData(0, 0x02, 1, FlowFlags.None, TrafficClass.Other)]
    [InlineData(255, 0xFF, 1, FlowFlags.None, TrafficClass.Other)]
    [InlineData(6, 0x02, 1, FlowFlags.Fragment, TrafficClass.Fragment)]
    public void A_flow_belongs_to_the_class_of_its_protocol_flags_and_length(byte protocol, byte flags, uint packets, FlowFlags state, TrafficClass expected) =>
        Assert.Equal(expected, TrafficClasses.Of(new Flow { Protocol = protocol, TcpFlags = flags, SampledPackets = packets, Flags = state }));
}
