using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Simulation;
using Breakwater.Protocols.Captures;

namespace Breakwater.Engine.Analysis;

/// <summary>What <c>analyze</c> is told beside the files.</summary>
public sealed class AnalysisOptions
{
    /// <summary>The home network; empty: inferred from the files.</summary>
    public IReadOnlyList<Prefix> Home { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, HostGroupOptions>> HostGroups { get; init; } = [];
    public DetectionOptions Detection { get; init; } = new();
    public BehaviourOptions Behaviour { get; init; } = new();

    /// <summary>What the packets of captures are taken for.</summary>
    public CaptureContent Content { get; init; }

    /// <summary>N of 1:N, when the files are to be read as a sampling exporter would have shown them; 1: as they are.</summary>
    public int Sampling { get; init; } = 1;
}

/// <param name="File">File being read.</param>
/// <param name="BytesRead">Octets of it consumed, as they lie on disk.</param>
/// <param name="BytesTotal">Its size; 0 when not known.</param>
public readonly record struct AnalysisProgress(string File, long BytesRead, long BytesTotal);

/// <summary>Reads captures from front to back, in the order of time, through the same engine that watches live traffic.</summary>
public static class CaptureAnalysis
{
    /// <summary>How far a file may reach back behind the one before it: exporters hold flows back for minutes.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    /// <summary>Flows that are read to guess the home network.</summary>
    private const long InferenceFlows = 262_144;

    /// <exception cref="UnknownCaptureFormatException">A file is of no format understood.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static AnalysisReport Run(
        IReadOnlyList<string> files, AnalysisOptions options, Composition composition, IProgress<AnalysisProgress>? progress = null, CancellationToken cancel = default)
    {
        files = InOrder(files, options.Content, cancel);
        var inferred = options.Home.Count == 0;
        var home = inferred ? InferHome(files, options.Content, cancel) : options.Home;
        var incidents = new LatestIncidents();
        var statistics = new CaptureStatistics();
        var problems = new List<string>();
        var format = "";
        long packets = 0;
        var network = new HomeNetwork(home, options.HostGroups) { IsInferred = inferred };
        using var engines = new Engines(network, options, composition, incidents);
        var batch = new FlowBatch();
        var sampler = new PacketSampler(options.Sampling, seed: 1);
        foreach (var file in files)
        {
            using var stream = CaptureInput.Open(file);
            using var reader = CaptureInput.Read(stream, file, options.Content);
            for (var batches = 0; reader.Read(batch); batches++)
            {
                cancel.ThrowIfCancellationRequested();
                if (batches == 0 && batch.Count > 0 && statistics.To - batch.Flows[0].End > Overlap)
                {
                    // Time does not go back in an engine: what came late would all be of one moment.
                    problems.Add($"{file} begins before the files before it end, at {statistics.To}: it is judged by itself, and not together with them");
                    engines.BeginAgain();
                }
                sampler.Sample(batch);
                statistics.Observe(batch.Flows);
                engines.Observe(batch);
                if ((batches & 63) == 0) progress?.Report(new AnalysisProgress(file, stream.CanSeek ? stream.Position : 0, stream.CanSeek ? stream.Length : 0));
            }
            if (format.Length == 0) format = reader.Format;
            packets += reader.Packets;
            problems.AddRange(reader.Problems.Select(p => files.Count > 1 ? $"{file}: {p}" : p));
            if (reader.Skipped > 0) problems.Add($"{(files.Count > 1 ? file + ": " : "")}{reader.Skipped} packets or lines hold no flow and were passed over");
        }
        engines.Finish();
        problems.AddRange(engines.BlindSpots.Distinct());
        return new AnalysisReport
        {
            Files = files,
            Format = format,
            Packets = packets > 0 ? packets : statistics.Packets,
            Flows = packets > 0 ? 0 : statistics.Flows,
            Bytes = statistics.Bytes,
            From = statistics.From,
            To = statistics.To,
            Home = home,
            HomeInferred = inferred,
            Problems = problems,
            Incidents = incidents.All,
            Evidence = engines.Evidence,
            Series = statistics.Series(),
            PointWidth = statistics.PointWidth,
            TopTalkers = statistics.TopTalkers(20),
        };
    }

    /// <summary>The files by when the first flow of each was written, which is when it ended: whoever names them in another order means the same captures.</summary>
    private static IReadOnlyList<string> InOrder(IReadOnlyList<string> files, CaptureContent content, CancellationToken cancel)
    {
        if (files.Count < 2) return files;
        var batch = new FlowBatch();
        return [.. files.OrderBy(BeginningOf)];

        Timestamp BeginningOf(string file)
        {
            cancel.ThrowIfCancellationRequested();
            using var stream = CaptureInput.Open(file);
            using var reader = CaptureInput.Read(stream, file, content);
            while (reader.Read(batch))
                if (batch.Count > 0) return batch.Flows[0].End;
            return Timestamp.Max;
        }
    }

    /// <summary>Guesses the home network from the beginning of the files.</summary>
    public static IReadOnlyList<Prefix> InferHome(IReadOnlyList<string> files, CaptureContent content = CaptureContent.Auto, CancellationToken cancel = default)
    {
        var inference = new HomeInference();
        var batch = new FlowBatch();
        foreach (var file in files)
        {
            using var stream = CaptureInput.Open(file);
            using var reader = CaptureInput.Read(stream, file, content);
            for (long flows = 0; flows < InferenceFlows && reader.Read(batch); flows += batch.Count)
            {
                cancel.ThrowIfCancellationRequested();
                // A tunnel's outer ends are the network's own; what is inside may be anybody's, or invented.
                foreach (ref readonly var tunnel in batch.Tunnels) batch.Mutable[tunnel.Index] = tunnel.Outer;
                foreach (ref readonly var flow in batch.Flows) inference.Observe(flow.Source, flow.Destination);
            }
        }
        return inference.Guess();
    }

    /// <summary>The engine that captures go through while their time goes on, and what former ones had to say.</summary>
    private sealed class Engines(HomeNetwork network, AnalysisOptions options, Composition composition, IIncidentSink incidents) : IDisposable
    {
        private (DetectionEngine Detection, BehaviourEngine? Behaviour) _now = Create(network, options, composition, incidents);

        public List<string> BlindSpots { get; } = [];
        public List<HostEvidence> Evidence { get; } = [];

        public void Observe(FlowBatch batch) => _now.Detection.Observe(batch);

        public void BeginAgain()
        {
            Finish();
            _now.Detection.Dispose();
            _now = Create(network, options, composition, incidents);
        }

        public void Finish()
        {
            _now.Detection.Finish();
            BlindSpots.AddRange(_now.Behaviour?.BlindSpots ?? []);
            Evidence.AddRange(_now.Behaviour?.Evidence() ?? []);
        }

        public void Dispose() => _now.Detection.Dispose();

        private static (DetectionEngine, BehaviourEngine?) Create(HomeNetwork network, AnalysisOptions options, Composition composition, IIncidentSink incidents)
        {
            var behaviour = composition.CreateBehaviour(options.Behaviour, network, incidents);
            return (new DetectionEngine(network, options.Detection, composition.CreateDetectors(), incidents, traffic: null, behaviour: behaviour), behaviour);
        }
    }

    /// <summary>The last word on each incident, in the order in which they began.</summary>
    private sealed class LatestIncidents : IIncidentSink
    {
        private readonly Dictionary<string, Incident> _incidents = [];

        public IReadOnlyList<Incident> All => [.. _incidents.Values.OrderBy(i => i.Start).ThenBy(i => i.Id, StringComparer.Ordinal)];

        public void Publish(Incident incident) => _incidents[incident.Id] = incident;
    }
}
