using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Fitting;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Analysis.Bench;

/// <summary>What was said of one labelled capture at one sampling.</summary>
/// <param name="Capture">The truth.</param>
/// <param name="IsDetected">An incident of medium severity or more says what happened.</param>
/// <param name="Incidents">All of medium severity or more.</param>
/// <param name="Evidence">What speaks against its hosts; of ordinary captures with those against whom nothing does.</param>
public sealed record CaptureScore(LabelledCapture Capture, bool IsDetected, IReadOnlyList<Incident> Incidents, IReadOnlyList<HostEvidence> Evidence)
{
    /// <summary>Incidents that nothing in the labels supports.</summary>
    public IEnumerable<Incident> False => Incidents.Where(i => Capture.Benign || !Capture.Concerns(i));

    /// <summary>Detectors and behaviours that found what happened.</summary>
    public IEnumerable<string> Finders => Incidents.Where(Capture.IsRight).SelectMany(i => i.Findings).Select(f => f.Detector).Distinct();

    /// <summary>Those behind what nothing supports.</summary>
    public IEnumerable<string> Accusers => False.SelectMany(i => i.Findings).Select(f => f.Detector).Distinct();
}

/// <param name="Sampling">N of 1:N; 1: everything was seen.</param>
public sealed record BenchRun(int Sampling, IReadOnlyList<CaptureScore> Scores);

/// <summary>How well hosts and attacks are found in captures of which somebody knows what happened, and how far the confidence that is stated can be believed.</summary>
public static class DetectionBench
{
    /// <summary>Reads every capture of a folder, as if behind an exporter that samples.</summary>
    /// <param name="folder">Holds the captures and their <c>expect.json</c>.</param>
    /// <param name="samplings">N of 1:N, from 1.</param>
    /// <param name="progress">Hears the name of each capture before it is read.</param>
    /// <exception cref="InvalidDataException">The labels cannot be read.</exception>
    /// <exception cref="IOException">A capture cannot be read.</exception>
    public static IReadOnlyList<BenchRun> Run(string folder, IReadOnlyList<int> samplings, Composition composition, IProgress<string>? progress = null, CancellationToken cancel = default)
    {
        var captures = LabelledCapture.ReadAll(folder);
        return [.. samplings.Select(sampling => new BenchRun(sampling, [.. captures.Select(capture =>
        {
            progress?.Report($"1:{sampling} {capture.File}");
            return Score(folder, capture, sampling, composition, cancel);
        })]))];
    }

    /// <summary>The hosts of which the labels say whether they are infected. Victims of floods are neither, and of strangers in a capture in which something happens nobody knows.</summary>
    public static IReadOnlyList<LabelledHost> Hosts(BenchRun run)
    {
        var infected = IncidentKind.InfectedHost.Name();
        var hosts = new List<LabelledHost>();
        foreach (var score in run.Scores.Where(s => s.Capture.Benign || s.Capture.Kinds.Contains(infected)))
        {
            hosts.AddRange(score.Evidence.Select(e => new LabelledHost(score.Capture.File, e.Host, score.Capture.Names(new Prefix(e.Host, e.Host.Bits)), e.Signs)).Where(h => h.IsInfected || score.Capture.Benign));
            // Against whom nothing speaks has no evidence, and is part of the truth all the same.
            foreach (var word in score.Capture.Hosts)
                if (IpAddr.TryParse(word, out var host) && score.Evidence.All(e => e.Host != host)) hosts.Add(new LabelledHost(score.Capture.File, host, true, []));
        }
        return hosts;
    }

    /// <summary>Stated confidence of every incident against whether it was right: wrong in a capture in which nothing happens, right about those that something is known of, and unknown about others beside them.</summary>
    public static IReadOnlyList<Claim> Claims(BenchRun run) =>
        [.. run.Scores.SelectMany(s => s.Incidents.Select(i => new Claim(i.Confidence, s.Capture.Benign ? false : s.Capture.Concerns(i) ? true : null)))];

    private static CaptureScore Score(string folder, LabelledCapture capture, int sampling, Composition composition, CancellationToken cancel)
    {
        var report = CaptureAnalysis.Run([Path.Combine(folder, capture.File)], new AnalysisOptions { Sampling = sampling }, composition, progress: null, cancel);
        Incident[] grave = [.. report.Incidents.Where(i => i.Severity >= Severity.Medium)];
        return new CaptureScore(capture, !capture.Benign && grave.Any(capture.IsRight), grave, [.. report.Evidence, .. capture.Benign ? Unsuspected(report) : []]);
    }

    /// <summary>Hosts of ours that took part, and against whom nothing speaks: most ordinary ones, without which every sign would look like a bot's.</summary>
    private static IEnumerable<HostEvidence> Unsuspected(AnalysisReport report) => report.TopTalkers
        .Where(t => t is { PacketsSent: > 0, PacketsReceived: > 0 } && report.Home.Any(p => p.Contains(t.Address)) && report.Evidence.All(e => e.Host != t.Address))
        .Select(t => new HostEvidence(t.Address, []));
}
