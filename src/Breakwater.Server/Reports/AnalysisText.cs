using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;

namespace Breakwater.Server.Reports;

/// <summary>An <see cref="AnalysisReport"/> as text for a terminal or a mail: plain characters, no colour, lines up to the given width.</summary>
/// <remarks>What the capture held is untrusted; only addresses, numbers and our own words are written, file names without control characters.</remarks>
public sealed class AnalysisText(TextWriter output, int width = 100)
{
    private const int MaxSourcesShown = 10;
    private const int MaxFindingsShown = 12;

    public void Write(AnalysisReport report)
    {
        Header(report);
        output.WriteLine();
        if (report.Incidents.Count == 0)
        {
            output.WriteLine("No incidents.");
            return;
        }
        output.WriteLine(report.Incidents.Count == 1 ? "1 incident" : $"{report.Incidents.Count} incidents");
        for (var i = 0; i < report.Incidents.Count; i++)
        {
            output.WriteLine();
            Incident(i + 1, report.Incidents[i]);
        }
    }

    /// <summary>One incident, without the capture it was seen in.</summary>
    public void Write(Incident incident)
    {
        Incident(1, incident);
        output.WriteLine($"   state     {incident.State.Name()}; identifier {incident.Id}");
    }

    private void Header(AnalysisReport report)
    {
        Wrapped("", string.Join(", ", report.Files.Select(Words.Printable)));
        var packets = Quantities.Count(report.Packets) + " packets";
        var records = report.Flows > 0 ? $"{Quantities.Count(report.Flows)} flow records, {packets}" : packets;
        output.WriteLine($"  {report.Format}, {records}, {Quantities.Octets(report.Bytes)} at the IP layer");
        if (report is { From: { } from, To: { } to })
        {
            var span = to - from;
            output.WriteLine($"  {Words.Moment(from)} to {Words.Moment(to)} ({Quantities.Span(span)})");
            if (span > TimeSpan.Zero && report.Packets > 0)
                output.WriteLine($"  mean {Quantities.PacketRate(report.Packets / span.TotalSeconds)}, {Quantities.BitRate(report.Bytes * 8 / span.TotalSeconds)}");
        }
        if (report.Home.Count > 0)
            Wrapped("  ", $"home network{(report.HomeInferred ? " (inferred; --home sets it)" : "")}: {string.Join(", ", report.Home)}");
        foreach (var problem in report.Problems) Wrapped("  ! ", Words.Printable(problem));
    }

    private void Incident(int number, Incident incident)
    {
        output.WriteLine($"{number}. {incident.Severity.Name().ToUpperInvariant()} {incident.Kind.Name()} {incident.About}"
            + $" (confidence {incident.Confidence.ToString("0.00", CultureInfo.InvariantCulture)})");
        if (incident.Vectors.Count > 0) Wrapped("   vectors   ", string.Join(", ", incident.Vectors));
        Wrapped("   when      ", $"{Words.Moment(incident.Start)} to {Words.Moment(incident.LastSeen)} ({Quantities.Span(incident.LastSeen - incident.Start)}"
            + (incident.Pulses > 1 ? $", {incident.Pulses} pulses)" : ")"));
        if (incident.PeakPacketsPerSecond > 0) output.WriteLine($"   peak      {Words.Peak(incident)}");
        Wrapped("   in all    ", Words.InAll(incident) + (incident.Quality == DataQuality.Good ? "" : $"; data quality {incident.Quality.Name()}"));
        Sources(incident);
        Wrapped("   ", Words.Printable(incident.Explanation));
        foreach (var finding in incident.Findings.Take(MaxFindingsShown))
            Wrapped("   - ", $"{finding.Detector}{(incident.Kind == IncidentKind.InfectedHost ? Weight(finding) : "")}: {finding.Because}; {finding.Counterfactual}");
        Mitigations(incident);
        if (incident.Evidence.Flows.Count > 0 || incident.Evidence.Packets.Count > 0)
            output.WriteLine($"   evidence  {incident.Evidence.Flows.Count} flows, {incident.Evidence.Packets.Count} packets (in --json)");
    }

    private void Sources(Incident incident)
    {
        if (incident.SourceCount == 0 && incident.Sources.Count == 0) return;
        var shown = string.Join(", ", incident.Sources.Take(MaxSourcesShown));
        var more = incident.SourceCount - Math.Min(incident.Sources.Count, MaxSourcesShown);
        var forged = incident.ForgedShare > 0 ? " addresses, forged" : "";
        var named = shown.Length == 0 ? "" : $": {shown}{(more > 0 ? ", …" : "")}";
        Wrapped("   sources   ", $"{Quantities.Count(incident.SourceCount)}{Quantities.Error(incident.SourceCountError)}{forged}{named}");
        if (incident.SourcePrefixes.Count > 0)
            Wrapped("             ", "most from " + string.Join(", ", incident.SourcePrefixes.Take(5).Select(p => $"{Words.Of(p.Prefix)} ({Quantities.Share(p.Share)})")));
    }

    private void Mitigations(Incident incident)
    {
        if (incident.Mitigations.Count == 0) return;
        output.WriteLine("   would have helped (proposals; nothing is sent anywhere):");
        foreach (var mitigation in incident.Mitigations)
        {
            Wrapped("     - ", $"{Words.Action(mitigation)} {mitigation.Match.Describe()}: stops {Quantities.Share(mitigation.AttackShare)} of the attack, "
                + (mitigation.CollateralShare is { } collateral ? $"{Quantities.Share(collateral)} of the ordinary traffic" : "no ordinary traffic was seen to compare"));
        }
    }

    /// <summary>What the sign adds to the log-odds that its host is infected, before its confidence counts.</summary>
    private static string Weight(Finding finding)
    {
        foreach (var (name, value) in finding.Inputs)
            if (name == "weight" && value > 0) return string.Create(CultureInfo.InvariantCulture, $" (weight {value:0.#} × {finding.Confidence:0.00})");
        return "";
    }

    /// <summary>Breaks at spaces; following lines are indented as far as the first one's text.</summary>
    private void Wrapped(string prefix, string text)
    {
        var line = prefix;
        var empty = true;
        foreach (var word in text.Split(' '))
        {
            if (!empty && line.Length + 1 + word.Length > width)
            {
                output.WriteLine(line);
                line = new string(' ', prefix.Length);
                empty = true;
            }
            line += empty ? word : " " + word;
            empty = false;
        }
        output.WriteLine(line);
    }
}
