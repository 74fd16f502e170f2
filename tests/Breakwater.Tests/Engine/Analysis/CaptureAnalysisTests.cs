using System.Globalization;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine;
using Breakwater.Engine.Analysis;

namespace Breakwater.Tests.Engine.Analysis;

public sealed class CaptureAnalysisTests : IDisposable
{
    private const long Midnight = 1_700_006_400;

    private readonly string _folder = Directory.CreateTempSubdirectory("breakwater-analysis-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_are_read_in_the_order_of_time_whatever_the_order_of_their_names()
    {
        string[] files = [Scan("evening.log", "203.0.113.9", Midnight + 64_800), Scan("morning.log", "203.0.113.20", Midnight + 21_600)];

        var report = Analyze(files);

        Assert.Equal([files[1], files[0]], report.Files);
        Assert.Equal([IpAddr.Parse("203.0.113.20"), IpAddr.Parse("203.0.113.9")], report.Incidents.Select(i => i.Host!.Value));
        Assert.Empty(report.Problems);
        Assert.Equal(report.Incidents.Select(i => i.Id), Analyze([files[1], files[0]]).Incidents.Select(i => i.Id));
    }

    [Fact]
    public void Files_of_the_same_time_are_judged_each_by_itself()
    {
        var report = Analyze([Scan("one.log", "203.0.113.9", Midnight), Scan("other.log", "203.0.113.20", Midnight + 60)]);

        Assert.Contains("other.log begins before the files before it end, at 2023-11-15T00:16:39", Assert.Single(report.Problems), StringComparison.Ordinal);
        Assert.Equal([IpAddr.Parse("203.0.113.9"), IpAddr.Parse("203.0.113.20")], report.Incidents.Select(i => i.Host!.Value));
        Assert.All(report.Incidents, i => Assert.InRange(i.LastSeen - i.Start, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(17)));
    }

    private static AnalysisReport Analyze(IReadOnlyList<string> files) =>
        CaptureAnalysis.Run(files, new AnalysisOptions { Home = [Prefix.Parse("192.0.2.0/24")] }, Composition.Default);

    /// <summary>A Zeek conn.log of a thousand seconds in which one host tries telnet at an address of ours after the other.</summary>
    private string Scan(string name, string scanner, long from)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllLines(file,
        [
            "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tconn",
            "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes",
            .. Enumerable.Range(1, 200).Select(i => string.Create(CultureInfo.InvariantCulture,
                $"{from + i * 5 - 1}.000000\tC{i}\t{scanner}\t{40_000 + i}\t192.0.2.{i}\t23\ttcp\t-\t-\t-\t-\tS0\tS\t1\t60\t0\t0")),
        ]);
        return file;
    }
}
