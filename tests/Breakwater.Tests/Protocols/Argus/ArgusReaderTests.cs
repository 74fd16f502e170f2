using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using static Breakwater.Tests.Protocols.Captures.FlowFileTests;

namespace Breakwater.Tests.Protocols.Argus;

public class ArgusReaderTests
{
    private static string Line(string proto = "tcp", string from = "192.0.2.1,40000", string to = "198.51.100.7,443", string state = "S_RA", string counts = "2,114,60") =>
        $"2015/03/24 18:23:32.619989,0.5,{proto},{from},   ->,{to},{state},0,16,{counts},x\n";

    private static List<Flow> Flows(string lines) => Read(ArgusHeader + lines).Flows;

    [Fact]
    public void Makes_a_flow_of_each_direction()
    {
        var (flows, reader) = Read(ArgusHeader + Line());
        Assert.Equal("argus-binetflow", reader.Format);
        Assert.Equal(2, flows.Count);
        var (forward, reverse) = (flows[0], flows[1]);
        Assert.Equal((IpAddr.Parse("192.0.2.1"), IpAddr.Parse("198.51.100.7"), 40000, 443, 6), (forward.Source, forward.Destination, forward.SourcePort, forward.DestinationPort, forward.Protocol));
        Assert.Equal((1427221412_619989000, 1427221413_119989000), (forward.Start.Nanoseconds, forward.End.Nanoseconds));
        // 60 and 54 octets of Ethernet frames.
        Assert.Equal((1L, 46L, 2, 0, FlowFlags.Answered), (forward.Packets, forward.Bytes, forward.TcpFlags, forward.Tos, forward.Flags));
        Assert.Equal((1L, 40L, 4 | 16, 16, FlowFlags.Reverse | FlowFlags.Answered), (reverse.Packets, reverse.Bytes, reverse.TcpFlags, reverse.Tos, reverse.Flags));
        Assert.Equal((IpAddr.Parse("198.51.100.7"), 443, 40000), (reverse.Source, reverse.SourcePort, reverse.DestinationPort));
    }

    [Fact]
    public void A_connection_without_answer_is_one_flow()
    {
        var flow = Assert.Single(Flows(Line(state: "S_", counts: "3,186,186")));
        Assert.Equal((3L, 144L, 2, FlowFlags.None), (flow.Packets, flow.Bytes, flow.TcpFlags, flow.Flags));
    }

    [Theory]
    // Even, then moved because a side's octets need more frames, or allow fewer.
    [InlineData("10,1000,500", 5, 5), InlineData("100,100000,5000", 37, 63), InlineData("100,100000,30000", 50, 50), InlineData("11,5000,84", 2, 9), InlineData("2,240,76", 1, 1), InlineData("3,300,200", 2, 1)]
    public void Splits_packets_by_what_frames_can_hold_where_the_file_does_not(string counts, long forward, long reverse)
    {
        var flows = Flows(Line(counts: counts));
        Assert.Equal((forward, reverse), (flows[0].Packets, flows[1].Packets));
    }

    [Fact]
    public void Takes_the_split_that_the_file_gives()
    {
        const string columns = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,";
        const string line = "2015/03/24 18:23:32.619989,0.5,udp,192.0.2.1,1,<->,198.51.100.7,2,CON,0,0,";
        Assert.Equal([7L, 3L], Read(columns + "TotPkts,TotBytes,SrcBytes,SrcPkts,Label\n" + line + "10,1000,500,7,\n").Flows.Select(f => f.Packets));
        Assert.Equal([7L, 3L], Read(columns + "TotPkts,TotBytes,DstPkts,DstBytes\n" + line + "10,1000,3,500\n").Flows.Select(f => f.Packets));
        Assert.Equal([7L, 3L], Read(columns + "SrcPkts,DstPkts,SrcBytes,DstBytes\n" + line + "7,3,700,300\n").Flows.Select(f => f.Packets));
        Assert.Equal([7L], Read(columns.Replace(',', '\t') + "TotPkts\tTotBytes\tSrcBytes\n" + line.Replace(',', '\t') + "7\t700\t700\n").Flows.Select(f => f.Packets));
    }

    [Theory]
    [InlineData("0x0103", "0x5db6", 0x0301), InlineData("0x0008", "0x2d34", 0x0800), InlineData("0x0403", "0x0000", 0x0304), InlineData("0x03", "0x03", 0x0303), InlineData("11", "1", 0x0B01)]
    public void Reads_icmp_type_and_code_as_old_and_new_clients_print_them(string source, string destination, int expected) =>
        Assert.Equal(expected, Assert.Single(Flows(Line("icmp", "192.0.2.1," + source, "198.51.100.7," + destination, "URP", "1,70,70"))).DestinationPort);

    [Fact]
    public void The_answer_to_an_echo_request_is_an_echo_reply()
    {
        var four = Flows(Line("icmp", "192.0.2.1,0x0008", "198.51.100.7,0x2d34", "ECO", "2,156,78"));
        Assert.Equal((0x0800, 0), (four[0].DestinationPort, four[1].DestinationPort));
        var six = Flows(Line("ipv6-icmp", "2001:db8::1,128", "2001:db8::2,0", "ECO", "2,156,78"));
        Assert.Equal((58, 0x8000, 0x8100), (six[0].Protocol, six[0].DestinationPort, six[1].DestinationPort));
    }

    [Theory]
    [InlineData("FSPA_FSRPA", 1 + 2 + 8 + 16, 1 + 2 + 4 + 8 + 16), InlineData("REQ", 2, 0), InlineData("ACC", 2, 18), InlineData("CON", 16, 16), InlineData("RST", 4, 4), InlineData("INT", 0, 0), InlineData("SEC_SA", 2 + 64 + 128, 18)]
    public void Reads_tcp_flags_out_of_the_state(string state, int forward, int reverse)
    {
        var flows = Flows(Line(state: state));
        Assert.Equal((forward, reverse), (flows[0].TcpFlags, flows[1].TcpFlags));
    }

    [Fact]
    public void Reads_arp_and_skips_what_has_no_ip_addresses()
    {
        var (flows, reader) = Read(ArgusHeader + Line("arp", "192.0.2.1,", "192.0.2.7,", "INT", "1,60,60") + Line("llc", "00:00:00:00:00:00,0", "00:00:00:00:00:00,0", "INT", "1,60,60"));
        Assert.Equal((IpAddr.Parse("192.0.2.7"), 0, FlowFlags.Arp), (flows[0].Destination, flows[0].Protocol, flows[0].Flags));
        Assert.Equal((1, 1), (flows.Count, reader.Skipped));
    }

    [Fact]
    public void Calls_what_argus_recognises_inside_udp_udp() =>
        Assert.Equal(17, Flows(Line("rtp"))[0].Protocol);
}
