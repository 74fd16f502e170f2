using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;
using Breakwater.Tests.Protocols.Pcap;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Captures;

/// <summary>What holds for every text format of flow files.</summary>
public class FlowFileTests
{
    internal const string ZeekHeader =
        "#separator \\x09\n#set_separator\t,\n#unset_field\t-\n#path\tconn\n" +
        "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n";

    internal const string ZeekLine =
        "1545469224.865310\tCg4GnhTqDLLRwhnx9\t192.0.2.1\t54824\t198.51.100.7\t6667\ttcp\t-\t3.5\t0\t12\tS1\t-\t-\t0\tShADd\t3\t180\t2\t132\t-\n";

    internal const string ZeekJsonLine =
        """{"ts":1545469224.86531,"uid":"C1","id.orig_h":"2001:db8::1","id.orig_p":54824,"id.resp_h":"2001:db8::2","id.resp_p":53,"proto":"udp","duration":0.5,"orig_pkts":1,"orig_ip_bytes":70,"resp_pkts":1,"resp_ip_bytes":170,"tunnel_parents":["a"]}""" + "\n";

    internal const string ArgusHeader = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n";
    internal const string ArgusLine = "2015/03/24 18:23:32.619989,0.134893,udp,192.0.2.1,55576,  <->,198.51.100.7,53,CON,0,16,2,240,76,x\n";

    private static readonly string[] _golden = [ZeekHeader + ZeekLine + ZeekLine, ZeekJsonLine + ZeekJsonLine, ArgusHeader + ArgusLine + ArgusLine];

    internal static (List<Flow> Flows, ICaptureReader Reader) Read(string file) => Read(Encoding.UTF8.GetBytes(file));

    internal static (List<Flow> Flows, ICaptureReader Reader) Read(byte[] file)
    {
        var reader = CaptureFormats.Open(new MemoryStream(file), "test");
        return ([.. CaptureFiles.ReadAll(reader).Select(f => f.Flow)], reader);
    }

    public static TheoryData<string> Golden => [.. _golden];

    [Theory, MemberData(nameof(Golden))]
    public void Survives_every_truncation(string file)
    {
        var bytes = Encoding.UTF8.GetBytes(file);
        for (var length = 0; length < bytes.Length; length++) ReadOrRefuse(bytes[..length]);
    }

    [Theory, MemberData(nameof(Golden))]
    public void Survives_every_single_byte_corruption(string file)
    {
        var golden = Encoding.UTF8.GetBytes(file);
        for (var at = 0; at < golden.Length; at++)
            foreach (var value in " \t\n,-.:\"{}#\\0x\0\u007f"u8.ToArray())
            {
                var bytes = (byte[])golden.Clone();
                bytes[at] = value;
                ReadOrRefuse(bytes);
            }
    }

    [Theory, MemberData(nameof(Golden))]
    public void Survives_any_text_behind_good_lines(string file)
    {
        Prop.ForAll<byte[], string>((bytes, text) => ReadOrRefuse([.. Encoding.UTF8.GetBytes(file), .. bytes, .. Encoding.UTF8.GetBytes(text ?? ""), (byte)'\n']))
            .QuickCheckThrowOnFailure();
    }

    private static void ReadOrRefuse(byte[] file)
    {
        try
        {
            foreach (var flow in Read(file).Flows)
            {
                Assert.InRange(flow.Packets, 1, long.MaxValue);
                Assert.True(flow.Bytes >= 0 && flow.End >= flow.Start);
            }
        }
        catch (UnknownCaptureFormatException)
        {
            // The one way to refuse a file.
        }
    }

    [Theory, MemberData(nameof(Golden))]
    public void Reads_the_last_line_without_its_end_and_lines_that_end_as_on_windows(string file)
    {
        var flows = Read(file).Flows;
        Assert.Equal(flows, Read(file.TrimEnd('\n')).Flows);
        Assert.Equal(flows, Read(file.Replace("\n", "\r\n", StringComparison.Ordinal)).Flows);
    }

    [Theory, MemberData(nameof(Golden))]
    public void Leaves_out_lines_longer_than_its_window(string file)
    {
        var good = Read(file).Flows;
        var (flows, reader) = Read(file + new string('7', 3_000_000) + "\n" + file.Split('\n')[^2] + "\n");
        Assert.Equal(good.Count + good.Count / 2, flows.Count);
        Assert.Equal(1, reader.Skipped);
        Assert.Contains("1 lines are longer than", Assert.Single(reader.Problems));
    }

    [Theory, MemberData(nameof(Golden))]
    public void Counts_lines_that_hold_no_flow_and_reports_the_first(string file)
    {
        var (flows, reader) = Read(file + "rubbish\nmore rubbish\n");
        Assert.Equal(4, flows.Count);
        Assert.Equal(2, reader.Skipped);
        Assert.StartsWith($"line {file.Count(c => c == '\n') + 1} holds no flow", Assert.Single(reader.Problems), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Golden))]
    public void Allocates_nothing_once_warm(string file)
    {
        var lines = file.Split('\n');
        var bytes = Encoding.UTF8.GetBytes(file + string.Concat(Enumerable.Repeat(lines[^2] + "\n", 20_000)));
        var batch = new FlowBatch();
        Assert.Equal(0, Allocations.Least(() =>
        {
            var reader = CaptureFormats.Open(new MemoryStream(bytes), "test");
            // The window takes its full size at the second filling.
            while (reader.Position < 200_000) Assert.True(reader.Read(batch));
            return () =>
            {
                while (reader.Read(batch))
                {
                }
            };
        }));
    }
}
