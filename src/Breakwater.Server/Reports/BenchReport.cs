using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Fitting;
using Breakwater.Core.Incidents;
using Breakwater.Engine.Analysis.Bench;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Reports;

/// <summary>The result of <c>bench detect</c>, as tables in Markdown or as JSON. Says nothing of the clock: the same captures give the same words.</summary>
internal sealed class BenchReport(IReadOnlyList<BenchRun> runs, int folds)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private readonly SortedDictionary<string, double> _start = new(SignNames.All.Where(s => SignNames.WeightOf(s) > 0).ToDictionary(s => s, SignNames.WeightOf), StringComparer.Ordinal);

    public void WriteText(TextWriter output)
    {
        output.WriteLine($"| Category | Captures |{Columns(r => $" 1:{r.Sampling} |")}");
        output.WriteLine($"|---|---:|{Columns(_ => "---:|")}");
        foreach (var category in Categories())
            output.WriteLine($"| {category} | {Of(runs[0], category).Count()} |{Columns(r => $" {Of(r, category).Count(s => s.IsDetected)} |")}");
        output.WriteLine($"| benign: false accusations | {runs[0].Scores.Count(s => s.Capture.Benign)} |{Columns(r => $" {r.Scores.Where(s => s.Capture.Benign).Sum(s => s.False.Count())} |")}");
        output.WriteLine($"| attacks: others accused | {runs[0].Scores.Count(s => !s.Capture.Benign)} |{Columns(r => $" {r.Scores.Where(s => !s.Capture.Benign).Sum(s => s.False.Count())} |")}");
        output.WriteLine();
        output.WriteLine($"| Detector: captures found / with false accusations |{Columns(r => $" 1:{r.Sampling} |")}");
        output.WriteLine($"|---|{Columns(_ => "---:|")}");
        foreach (var detector in Detectors())
            output.WriteLine($"| {detector} |{Columns(r => $" {r.Scores.Count(s => s.Finders.Contains(detector))} / {r.Scores.Count(s => s.Accusers.Contains(detector))} |")}");
        foreach (var run in runs)
        {
            var hosts = DetectionBench.Hosts(run);
            output.WriteLine();
            output.WriteLine($"At 1:{run.Sampling}: missed {Names(run.Scores.Where(s => s is { Capture.Benign: false, IsDetected: false }))}.");
            output.WriteLine($"False accusations in {Names(run.Scores.Where(s => s.False.Any()))}.");
            output.WriteLine();
            output.WriteLine(Line($"| Sign | Weight now | Fitted to {hosts.Count} hosts, {hosts.Count(h => h.IsInfected)} infected |"));
            output.WriteLine("|---|---:|---:|");
            foreach (var (sign, weight) in Fitted(hosts)) output.WriteLine(Line($"| {sign} | {_start[sign]:0.0} | {weight:0.00} |"));
            Write(output, $"Infected host, weights fitted to the other {folds - 1} of {folds} parts", CalibrationRow.Table(WeightFit.HeldOut(hosts, _start, folds)));
            Write(output, "Incidents of medium severity and more, as they are told", CalibrationRow.Table(DetectionBench.Claims(run)));
        }
    }

    public void WriteJson(TextWriter output)
    {
        var document = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(document, Indented))
        {
            json.WriteStartObject();
            json.WriteString("schema", "breakwater.bench.detect/1");
            json.WriteNumber("folds", folds);
            json.WriteList("runs", runs, Write);
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(document.WrittenSpan));
    }

    private void Write(Utf8JsonWriter json, BenchRun run)
    {
        var hosts = DetectionBench.Hosts(run);
        json.WriteStartObject();
        json.WriteNumber("sampling", run.Sampling);
        json.WriteObjects("captures", run.Scores, score =>
        {
            json.WriteString("file", score.Capture.File);
            json.WriteString("category", score.Capture.Benign ? "benign" : score.Capture.Category);
            if (!score.Capture.Benign)
            {
                json.WriteString("tier", score.Capture.Tier);
                json.WriteBoolean("detected", score.IsDetected);
            }
            Write(json, "foundBy", score.Finders);
            Write(json, "falseAccusations", score.False.Select(i => $"{i.Kind.Name()} {(i.Host is { } host ? host.ToString() : i.Target?.ToString())}: {string.Join(", ", i.Vectors)}"));
        });
        json.WriteStartArray("weights");
        foreach (var (sign, weight) in Fitted(hosts))
        {
            json.WriteStartObject();
            json.WriteString("sign", sign);
            json.WriteNumber("now", _start[sign]);
            json.WriteNumber("fitted", Math.Round(weight, 3));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Write(json, "calibrationOfHosts", CalibrationRow.Table(WeightFit.HeldOut(hosts, _start, folds)));
        Write(json, "calibrationOfIncidents", CalibrationRow.Table(DetectionBench.Claims(run)));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<CalibrationRow> table)
    {
        json.WriteStartArray(name);
        foreach (var row in table)
        {
            json.WriteStartObject();
            json.WriteNumber("from", row.From);
            json.WriteNumber("to", row.To);
            json.WriteNumber("count", row.Known + row.Unknown);
            json.WriteNumber("unknown", row.Unknown);
            json.WriteNumber("stated", Math.Round(row.Stated, 3));
            if (row.Right is { } right) json.WriteNumber("right", Math.Round(right, 3));
            else json.WriteNull("right");
            json.WriteNumber("rightAtLeast", Math.Round(row.AtLeast, 3));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(TextWriter output, string title, IReadOnlyList<CalibrationRow> table)
    {
        output.WriteLine();
        output.WriteLine($"| {title} | Claims of known truth | Stated | Right | of unknown truth | Right, were those all wrong |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var row in table) output.WriteLine(Line($"| {row.From:0.00} to {row.To:0.00} | {row.Known} | {row.Stated:0.000} | {(row.Right is { } right ? right.ToString("0.000", CultureInfo.InvariantCulture) : "–")} | {row.Unknown} | {row.AtLeast:0.000} |"));
    }

    /// <summary>Weights that labelled hosts say something of.</summary>
    private IEnumerable<KeyValuePair<string, double>> Fitted(IReadOnlyList<LabelledHost> hosts)
    {
        var seen = hosts.SelectMany(h => h.Signs).Select(s => s.Key).ToHashSet();
        return WeightFit.Fit(hosts, _start).Where(w => seen.Contains(w.Key));
    }

    private IEnumerable<string> Categories() => runs[0].Scores.Where(s => !s.Capture.Benign).Select(s => Category(s.Capture)).Distinct().Order(StringComparer.Ordinal);

    private static string Category(LabelledCapture capture) => $"{capture.Category} ({capture.Tier})";

    private static IEnumerable<CaptureScore> Of(BenchRun run, string category) => run.Scores.Where(s => !s.Capture.Benign && Category(s.Capture) == category);

    private IEnumerable<string> Detectors() => runs.SelectMany(r => r.Scores).SelectMany(s => s.Finders.Concat(s.Accusers)).Distinct().Order(StringComparer.Ordinal);

    private string Columns(Func<BenchRun, string> of) => string.Concat(runs.Select(of));

    private static string Names(IEnumerable<CaptureScore> scores) => string.Join(", ", scores.Select(s => s.Capture.File)) is { Length: > 0 } names ? names : "none";

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
