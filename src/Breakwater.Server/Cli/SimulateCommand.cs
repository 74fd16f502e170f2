using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Engine;
using Breakwater.Engine.Analysis;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater mitigations simulate</c>: replays rules over captured or stored traffic, and says what each would have dropped.</summary>
internal static class SimulateCommand
{
    public static Command Create(Option<string> url, Option<bool> json)
    {
        var what = new Argument<string>("FILE|INCIDENT") { Description = "A capture, or the identifier of an incident that a running service knows: then over the evidence stored with it, which is a sample of the attack alone." };
        what.RefuseOptions();
        var rule = new RuleArguments();
        var config = ConfigurationArgument.Create();
        var command = new Command("simulate", "Replay rules over captured or stored traffic. Without a rule of one's own, those that are proposed.") { what, config };
        rule.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var source = parsed.GetRequiredValue(what);
            var typed = rule.IsGiven(parsed) ? Typed(rule, parsed) : null;
            Simulation simulation;
            if (File.Exists(source)) simulation = await Task.Run(() => OverCapture(source, typed, ConfigurationArgument.Load(parsed.GetValue(config)), cancel), cancel);
            else
            {
                using var api = new ApiClient(parsed.GetRequiredValue(url));
                var incident = IncidentJson.Read(await api.GetAsync("/api/v1/incidents/" + Uri.EscapeDataString(source), cancel));
                simulation = OverEvidence(incident, typed);
            }
            if (parsed.GetValue(json)) WriteJson(parsed.InvocationConfiguration.Output, simulation);
            else WriteText(parsed.InvocationConfiguration.Output, simulation);
            return ExitCode.Ok;
        });
        return command;
    }

    private static TrafficMatch Typed(RuleArguments rule, ParseResult parsed)
    {
        var request = MitigationRequestJson.Read(Encoding.UTF8.GetBytes(rule.Read(parsed, null).ToJsonString()), "", TimeSpan.Zero, out var problem);
        return request?.Match ?? throw new CommandFailedException(problem!, ExitCode.Usage);
    }

    private static Simulation OverCapture(string file, TrafficMatch? typed, Configuration.BreakwaterOptions configured, CancellationToken cancel)
    {
        try
        {
            IReadOnlyList<Replayed> rules = [new("", MitigationAction.Drop, new RuleReplay(typed ?? new TrafficMatch()))];
            if (typed is null)
            {
                var options = new AnalysisOptions { Home = configured.Home, HostGroups = [.. configured.HostGroups], Detection = configured.Detection };
                rules = [.. CaptureAnalysis.Run([file], options, Composition.Default, null, cancel).Incidents.SelectMany(ProposalsOf)];
            }
            using var reader = CaptureFormats.Open(File.OpenRead(file), file);
            var batch = new FlowBatch();
            long records = 0;
            while (reader.Read(batch))
            {
                cancel.ThrowIfCancellationRequested();
                records += batch.Count;
                foreach (ref readonly var flow in batch.Flows)
                    foreach (var replayed in rules) replayed.Replay.Observe(flow);
            }
            return new Simulation(Evidence: false, records, rules);
        }
        catch (Exception unreadable) when (unreadable is UnknownCaptureFormatException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(unreadable.Message, ExitCode.Input);
        }
    }

    private static Simulation OverEvidence(Incident incident, TrafficMatch? typed)
    {
        IReadOnlyList<Replayed> rules = typed is null ? [.. ProposalsOf(incident)] : [new(incident.Id, MitigationAction.Drop, new RuleReplay(typed))];
        foreach (var flow in incident.Evidence.Flows)
            foreach (var replayed in rules) replayed.Replay.Observe(flow);
        return new Simulation(Evidence: true, incident.Evidence.Flows.Count, rules);
    }

    private static IEnumerable<Replayed> ProposalsOf(Incident incident) =>
        incident.Mitigations.Select(p => new Replayed(incident.Id, p.Action, new RuleReplay(p.Match)));

    private static void WriteText(TextWriter output, Simulation simulation)
    {
        output.WriteLine(simulation.Evidence
            ? string.Create(CultureInfo.InvariantCulture, $"Over the {simulation.Records:N0} flow records kept as evidence of the incident: a sample of the attack, without the target's ordinary traffic. What a rule would cost only a capture shows.")
            : string.Create(CultureInfo.InvariantCulture, $"Over the {simulation.Records:N0} records of the file."));
        if (simulation.Rules.Count == 0) output.WriteLine("No rules: nothing was proposed. Type one with --to and the like.");
        foreach (var (incident, action, replay) in simulation.Rules)
        {
            output.WriteLine($"{(incident.Length > 0 ? incident + ": " : "")}{action.Name()} {replay.Match.Describe()}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  would have matched {replay.Packets:N0} packets, {replay.Bytes:N0} octets in {replay.Flows:N0} flows; {Share(replay.Packets, replay.SparedPackets):0.##} % of the packets to its destination"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  would have let through {replay.SparedPackets:N0} packets, {replay.SparedBytes:N0} octets"));
        }
    }

    private static double Share(long matched, long spared) => matched + spared == 0 ? 0 : 100.0 * matched / (matched + spared);

    private static void WriteJson(TextWriter output, Simulation simulation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("traffic", simulation.Evidence ? "evidence" : "capture");
            json.WriteNumber("records", simulation.Records);
            json.WriteStartArray("rules");
            foreach (var (incident, action, replay) in simulation.Rules)
            {
                json.WriteStartObject();
                json.WriteString("incident", incident.Length > 0 ? incident : null);
                json.WriteString("action", action.Name());
                json.WriteString("rule", replay.Match.Describe());
                json.WritePropertyName("match");
                MitigationJson.WriteMatch(json, replay.Match);
                json.WriteNumber("flows", replay.Flows);
                json.WriteNumber("packets", replay.Packets);
                json.WriteNumber("bytes", replay.Bytes);
                json.WriteNumber("sparedPackets", replay.SparedPackets);
                json.WriteNumber("sparedBytes", replay.SparedBytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <param name="Evidence">True for the sample of an attack that is stored with an incident, which holds nothing else; false for a capture.</param>
    /// <param name="Records">Flows, or packets, that the rules were laid over.</param>
    private sealed record Simulation(bool Evidence, long Records, IReadOnlyList<Replayed> Rules);

    private sealed record Replayed(string Incident, MitigationAction Action, RuleReplay Replay);
}
