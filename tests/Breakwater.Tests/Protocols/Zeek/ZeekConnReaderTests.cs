using System.IO.Compression;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using static Breakwater.Tests.Protocols.Captures.FlowFileTests;

namespace Breakwater.Tests.Protocols.Zeek;

public class ZeekConnReaderTests
{
    private static string Line(string ports = "54824\t198.51.100.7\t6667", string proto = "tcp", string state = "S1", string history = "ShADd", string counts = "3\t180\t2\t132") =>
        $"1545469224.865310\tC1\t192.0.2.1\t{ports}\t{proto}\t-\t3.5\t0\t12\t{state}\t-\t-\t0\t{history}\t{counts}\t-\n";

    private static List<Flow> Flows(string lines) => Read(ZeekHeader + lines).Flows;

    [Fact]
    public void Makes_a_flow_of_each_direction()
    {
        var flows = Flows(ZeekLine);
        Assert.Equal(2, flows.Count);
        var (forward, reverse) = (flows[0], flows[1]);
        Assert.Equal((IpAddr.Parse("192.0.2.1"), IpAddr.Parse("198.51.100.7"), 54824, 6667, 6), (forward.Source, forward.Destination, forward.SourcePort, forward.DestinationPort, forward.Protocol));
        Assert.Equal((3L, 180L, 3u), (forward.Packets, forward.Bytes, forward.SampledPackets));
        Assert.Equal((1545469224_865310000, 1545469228_365310000), (forward.Start.Nanoseconds, forward.End.Nanoseconds));
        Assert.Equal((2 | 16, FlowFlags.Answered), (forward.TcpFlags, forward.Flags));

        Assert.Equal((forward.Destination, forward.Source, 6667, 54824, 6), (reverse.Source, reverse.Destination, reverse.SourcePort, reverse.DestinationPort, reverse.Protocol));
        Assert.Equal((2L, 132L, 2u), (reverse.Packets, reverse.Bytes, reverse.SampledPackets));
        Assert.Equal((forward.Start, forward.End), (reverse.Start, reverse.End));
        Assert.Equal((2 | 16, FlowFlags.Reverse | FlowFlags.Answered), (reverse.TcpFlags, reverse.Flags));
    }

    [Fact]
    public void A_connection_without_answer_is_one_flow()
    {
        var flow = Assert.Single(Flows(Line(state: "S0", history: "S", counts: "1\t60\t0\t0")));
        Assert.Equal((2, FlowFlags.None), (flow.TcpFlags, flow.Flags));
    }

    [Fact]
    public void An_answer_without_question_is_a_flow_of_its_own()
    {
        var flow = Assert.Single(Flows(Line(state: "OTH", history: "^h", counts: "0\t0\t4\t240")));
        Assert.Equal((IpAddr.Parse("198.51.100.7"), 6667, 4L, 2 | 16, FlowFlags.None), (flow.Source, flow.SourcePort, flow.Packets, flow.TcpFlags, flow.Flags));
    }

    [Theory]
    [InlineData("ShADadFfR", 16 + 2 + 1 + 4, 16 + 2 + 1), InlineData("Sr", 2, 4), InlineData("Q", 3, 0), InlineData("^hADFr", 16 + 1, 16 + 2 + 4)]
    public void Turns_history_into_tcp_flags(string history, int forward, int reverse)
    {
        var flows = Flows(Line(history: history));
        Assert.Equal((forward, reverse), (flows[0].TcpFlags, flows[1].TcpFlags));
    }

    [Theory]
    [InlineData("S0", 2, 0), InlineData("REJ", 2, 4 + 16), InlineData("SF", 2 + 16 + 1, 2 + 16 + 1), InlineData("RSTO", 2 + 16 + 4, 2 + 16), InlineData("SHR", 0, 2 + 16 + 1), InlineData("OTH", 0, 0)]
    public void Falls_back_to_the_state_where_there_is_no_history(string state, int forward, int reverse)
    {
        var flows = Flows(Line(state: state, history: "-"));
        Assert.Equal((forward, reverse), (flows[0].TcpFlags, flows[1].TcpFlags));
    }

    [Fact]
    public void Puts_icmp_type_and_code_where_packets_have_them()
    {
        var echo = Flows(Line(ports: "8\t198.51.100.7\t0", proto: "icmp", history: "-"));
        Assert.Equal((1, 0, 8 * 256, 0), (echo[0].Protocol, echo[0].SourcePort, echo[0].DestinationPort, echo[1].DestinationPort));
        var unreachable = Flows(Line(ports: "3\t198.51.100.7\t1", proto: "icmp", history: "-", counts: "6\t988\t0\t0"));
        Assert.Equal(3 * 256 + 1, Assert.Single(unreachable).DestinationPort);
        var solicitation = Flows(Line(ports: "135\t2001:db8::7\t136", proto: "icmp", history: "-").Replace("192.0.2.1", "2001:db8::1", StringComparison.Ordinal));
        Assert.Equal((58, 135 * 256, 136 * 256), (solicitation[0].Protocol, solicitation[0].DestinationPort, solicitation[1].DestinationPort));
    }

    [Fact]
    public void Takes_columns_in_any_order_other_separators_and_headers_in_the_middle()
    {
        var file = ZeekLine.Insert(0, ZeekHeader) +
            "#separator \\x7c\n#fields|proto|worker|id.resp_p|id.orig_p|id.resp_h|id.orig_h|ts|orig_pkts|orig_bytes\nudp|w1|53|4444|198.51.100.9|192.0.2.9|1000|1|71\n#close 2018\n";
        var (flows, reader) = Read(file);
        Assert.Empty(reader.Problems);
        Assert.Equal(3, flows.Count);
        Assert.Equal((IpAddr.Parse("192.0.2.9"), 17, 4444, 53, 1L, 71L), (flows[2].Source, flows[2].Protocol, flows[2].SourcePort, flows[2].DestinationPort, flows[2].Packets, flows[2].Bytes));
        Assert.Equal((1000.0, 1000.0), (flows[2].Start.Seconds, flows[2].End.Seconds));
    }

    [Fact]
    public void Ignores_labels_that_share_the_last_column()
    {
        var file = ZeekHeader.Replace("tunnel_parents", "tunnel_parents   label   detailed-label", StringComparison.Ordinal) + ZeekLine.Replace("-\n", "-   Malicious   C&C\n", StringComparison.Ordinal);
        var (flows, reader) = Read(file);
        Assert.Equal((2, 0), (flows.Count, reader.Problems.Count));
    }

    [Fact]
    public void Says_which_columns_another_kind_of_log_lacks()
    {
        var (flows, reader) = Read("#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tquery\n1\tC\t192.0.2.1\t1\t192.0.2.2\t53\tx\n");
        Assert.Empty(flows);
        Assert.Contains("not a conn.log, these columns are missing: proto, orig_pkts", reader.Problems[0]);
    }

    [Fact]
    public void Reads_json_lines()
    {
        var (flows, reader) = Read(ZeekJsonLine);
        Assert.Equal("zeek-conn", reader.Format);
        Assert.Equal(2, flows.Count);
        Assert.Equal((IpAddr.Parse("2001:db8::1"), 17, 54824, 53, 1L, 70L), (flows[0].Source, flows[0].Protocol, flows[0].SourcePort, flows[0].DestinationPort, flows[0].Packets, flows[0].Bytes));
        Assert.Equal((1545469224_865310000, 1545469225_365310000), (flows[0].Start.Nanoseconds, flows[0].End.Nanoseconds));
        Assert.Equal(FlowFlags.Reverse | FlowFlags.Answered, flows[1].Flags);
    }

    [Fact]
    public void Reads_gzip()
    {
        var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(ZeekHeader + ZeekLine));
        var (flows, reader) = Read(file.ToArray());
        Assert.Equal(("zeek-conn.gz", 2), (reader.Format, flows.Count));
    }
}
