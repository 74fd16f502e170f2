using Breakwater.Core.Incidents;
using Breakwater.Engine;
using Breakwater.Engine.Analysis.Bench;

namespace Breakwater.Tests.Engine.Analysis.Bench;

public sealed class DetectionBenchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-bench-").FullName;

    [Fact]
    public void A_scan_counts_as_found_and_a_quiet_capture_has_no_false_accusation()
    {
        Label("""{"scan.conn.log": {"tier": "must", "kinds": ["scan", "infected-host"], "hosts": ["198.51.100.7"], "category": "scan"}, "quiet.conn.log": {"benign": true}}""");
        Log("scan.conn.log", Enumerable.Range(1, 60).Select(i => Line(i, "198.51.100.7", $"192.0.2.{i}", 23, "S0", "S", 0)));
        Log("quiet.conn.log", Enumerable.Range(1, 20).Select(i => Line(i * 7, "192.0.2.9", $"203.0.113.{i}", 443, "SF", "ShADadFf", 5)));

        var run = Assert.Single(DetectionBench.Run(_folder, [1], Composition.Default));

        var scan = run.Scores.Single(s => !s.Capture.Benign);
        Assert.True(scan.IsDetected);
        Assert.Contains("scan", scan.Finders);
        Assert.All(run.Scores, s => Assert.Empty(s.False));
        Assert.Contains(DetectionBench.Hosts(run), h => h.IsInfected && h.Signs.Count > 0);
    }

    [Fact]
    public void What_is_said_of_somebody_else_is_not_what_happened()
    {
        Label("""{"scan.conn.log": {"tier": "must", "kinds": ["scan"], "hosts": ["198.51.100.8"], "category": "scan"}}""");
        Log("scan.conn.log", Enumerable.Range(1, 60).Select(i => Line(i, "198.51.100.7", $"192.0.2.{i}", 23, "S0", "S", 0)));

        var run = Assert.Single(DetectionBench.Run(_folder, [1], Composition.Default));
        var score = Assert.Single(run.Scores);

        Assert.All(DetectionBench.Claims(run), c => Assert.Null(c.IsRight));
        Assert.DoesNotContain(DetectionBench.Hosts(run), h => !h.IsInfected);
        Assert.False(score.IsDetected);
        Assert.Contains(score.False, i => i.Kind == IncidentKind.Scan);
        Assert.Contains("scan", score.Accusers);
    }

    [Fact]
    public void Labels_that_are_not_there_are_said_to_be_missing() =>
        Assert.Contains("expect.json", Assert.Throws<InvalidDataException>(() => DetectionBench.Run(_folder, [1], Composition.Default)).Message);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Label(string json) => File.WriteAllText(Path.Combine(_folder, "expect.json"), json);

    private void Log(string name, IEnumerable<string> lines) => File.WriteAllLines(Path.Combine(_folder, name),
        ["#separator \\x09", "#path\tconn", "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes", .. lines]);

    private static string Line(int second, string from, string to, int port, string state, string history, int answers) =>
        $"{1_700_000_000 + second}.0\tC{second}\t{from}\t{40_000 + second}\t{to}\t{port}\ttcp\t-\t0.1\t0\t0\t{state}\t{history}\t{1 + answers}\t{60 + 52 * answers}\t{answers}\t{52 * answers}";
}
