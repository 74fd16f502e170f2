using System.Globalization;
using System.Net;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;

namespace Breakwater.Server.Reports;

/// <summary>An <see cref="AnalysisReport"/> as one HTML page that needs nothing else: no script, no picture, no network. Prints well.</summary>
/// <remarks>Every piece of text goes through <see cref="Text"/>: file names and what a capture held are untrusted.</remarks>
public sealed class AnalysisHtml(TextWriter output)
{
    private const int MaxEvidenceFlows = 40;

    public void Write(AnalysisReport report)
    {
        var title = string.Join(", ", report.Files.Select(Path.GetFileName));
        output.Write($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>{Text(title)} – Breakwater analysis</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <header>
            <p class="brand">Breakwater analysis</p>
            <h1>{Text(title)}</h1>
            <p class="verdict {Worst(report)}">{Text(Verdict(report))}</p>
            </header>

            """);
        Capture(report);
        Overview(report);
        output.Write($"<section><h2>Traffic</h2><div class=\"wide plot\">{TrafficPlot.Draw(report)}</div>");
        if (report.Series.Count == 0) output.Write("<p>Nothing was read.</p>");
        output.WriteLine("</section>");
        for (var i = 0; i < report.Incidents.Count; i++) Incident(i + 1, report.Incidents[i]);
        Talkers(report);
        output.WriteLine("</body></html>");
    }

    private static string Verdict(AnalysisReport report)
    {
        if (report.Incidents.Count == 0) return "No incidents";
        var worst = report.Incidents.OrderByDescending(i => i.Severity).First();
        return (report.Incidents.Count == 1 ? "1 incident: " : $"{report.Incidents.Count} incidents, worst: ")
            + $"{worst.Severity.Name()} {worst.Kind.Name()} {worst.About}";
    }

    private static string Worst(AnalysisReport report) => report.Incidents.Count == 0 ? "none" : report.Incidents.Max(i => i.Severity).Name();

    private void Capture(AnalysisReport report)
    {
        output.WriteLine("<section><h2>Capture</h2><dl class=\"facts\">");
        Fact(report.Files.Count == 1 ? "File" : "Files", string.Join(", ", report.Files));
        Fact("Format", report.Format);
        if (report.Packets > 0) Fact("Packets", Quantities.Count(report.Packets));
        if (report.Flows > 0) Fact("Flows", Quantities.Count(report.Flows));
        Fact("Octets (IP)", Quantities.Octets(report.Bytes));
        if (report is { From: { } from, To: { } to })
        {
            Fact("From", Words.Moment(from));
            Fact("To", Words.Moment(to));
            Fact("Length", Quantities.Span(to - from));
        }
        if (report.Home.Count > 0) Fact(report.HomeInferred ? "Home network (inferred)" : "Home network", string.Join(", ", report.Home));
        output.WriteLine("</dl>");
        if (report.Problems.Count > 0)
        {
            output.WriteLine("<ul class=\"problems\">");
            foreach (var problem in report.Problems) output.WriteLine($"<li>{Text(problem)}</li>");
            output.WriteLine("</ul>");
        }
        output.WriteLine("</section>");
    }

    private void Overview(AnalysisReport report)
    {
        if (report.Incidents.Count == 0) return;
        output.WriteLine("<section><h2>Incidents</h2><div class=\"wide\"><table><thead><tr><th>#</th><th>Severity</th><th>Kind</th><th>Target</th><th>Vectors</th><th>Start</th><th class=\"n\">Length</th><th class=\"n\">Peak</th><th class=\"n\">Sources</th></tr></thead><tbody>");
        for (var i = 0; i < report.Incidents.Count; i++)
        {
            var incident = report.Incidents[i];
            output.WriteLine($"<tr><td><a href=\"#incident-{i + 1}\">{i + 1}</a></td><td>{Badge(incident.Severity)}</td><td>{incident.Kind.Name()}</td><td>{Text(Subject(incident))}</td>"
                + $"<td>{Text(string.Join(", ", incident.Vectors))}</td><td>{Text(incident.Start.ToString()[11..19])}</td><td class=\"n\">{Quantities.Span(incident.LastSeen - incident.Start)}</td>"
                + $"<td class=\"n\">{Words.Peak(incident).Replace(", ", "<br>", StringComparison.Ordinal)}</td><td class=\"n\">{Quantities.Count(incident.SourceCount)}</td></tr>");
        }
        output.WriteLine("</tbody></table></div></section>");
    }

    private void Incident(int number, Incident incident)
    {
        output.WriteLine($"<section class=\"incident\" id=\"incident-{number}\"><h2>{number}. {Text(incident.Kind.Name())} {Text(incident.About)} {Badge(incident.Severity)}</h2>");
        output.WriteLine($"<p>{Text(incident.Explanation)}</p><dl class=\"facts\">");
        Fact("Vectors", string.Join(", ", incident.Vectors));
        Fact("Confidence", incident.Confidence.ToString("0.00", CultureInfo.InvariantCulture));
        Fact("Start", Words.Moment(incident.Start));
        Fact("Last seen", Words.Moment(incident.LastSeen));
        Fact("Length", Quantities.Span(incident.LastSeen - incident.Start) + (incident.Pulses > 1 ? $", {incident.Pulses} pulses" : ""));
        Fact("Peak", Words.Peak(incident));
        Fact("In all", Words.InAll(incident));
        Fact("Data quality", incident.Quality.Name());
        Fact("Identifier", incident.Id);
        output.WriteLine("</dl>");
        Findings(incident);
        Sources(incident);
        Mitigations(incident.Mitigations);
        EvidenceFlows(incident.Evidence);
        output.WriteLine("</section>");
    }

    private void Findings(Incident incident)
    {
        if (incident.Findings.Count == 0) return;
        output.WriteLine("<h3>Why</h3><ul>");
        foreach (var finding in incident.Findings)
            output.WriteLine($"<li><b>{Text(finding.Detector)}</b> ({Text(finding.Vector)}): {Text(finding.Because)}; <span class=\"faint\">{Text(finding.Counterfactual)}</span></li>");
        output.WriteLine("</ul>");
    }

    private void Sources(Incident incident)
    {
        if (incident.Sources.Count == 0) return;
        output.WriteLine($"<h3>Sources: {Quantities.Count(incident.SourceCount)}{Quantities.Error(incident.SourceCountError)}{(incident.ForgedShare > 0 ? " addresses, forged" : "")}</h3>");
        if (incident.SourcePrefixes.Count > 0)
        {
            output.WriteLine("<table class=\"bars\"><tbody>");
            foreach (var (prefix, share) in incident.SourcePrefixes.Take(10))
                output.WriteLine($"<tr><td>{Text(Words.Of(prefix))}</td><td>{Bar(share, "attack")}</td><td class=\"n\">{Quantities.Share(share)}</td></tr>");
            output.WriteLine("</tbody></table>");
        }
        output.WriteLine($"<p class=\"addresses\">{Text(string.Join(" ", incident.Sources))}</p>");
    }

    private void Mitigations(IReadOnlyList<ProposedMitigation> mitigations)
    {
        if (mitigations.Count == 0) return;
        output.WriteLine("<h3>What would have helped</h3><p class=\"faint\">Proposals; nothing was sent anywhere.</p><div class=\"wide\"><table><thead><tr><th>Action</th><th>Match</th><th class=\"n\">Attack stopped</th><th class=\"n\">Collateral</th></tr></thead><tbody>");
        foreach (var mitigation in mitigations)
        {
            var collateral = mitigation.CollateralShare is { } share ? $"{Quantities.Share(share)}{Bar(share, "collateral")}" : "not known: no ordinary traffic was seen";
            output.WriteLine($"<tr><td>{Text(Words.Action(mitigation))}</td><td>{Text(mitigation.Match.Describe())}</td>"
                + $"<td class=\"n\">{Quantities.Share(mitigation.AttackShare)}{Bar(mitigation.AttackShare, "attack")}</td><td class=\"n\">{collateral}</td></tr>");
        }
        output.WriteLine("</tbody></table></div>");
    }

    private void EvidenceFlows(Evidence evidence)
    {
        if (evidence.Flows.Count == 0) return;
        output.WriteLine($"<details><summary>Evidence: {evidence.Flows.Count} flows, {evidence.Packets.Count} packets</summary><div class=\"wide\"><table><thead><tr><th>Time</th><th>Source</th><th>Destination</th><th>Protocol</th><th class=\"n\">Packets</th><th class=\"n\">Octets</th></tr></thead><tbody>");
        foreach (var flow in evidence.Flows.Take(MaxEvidenceFlows))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(flow.Start.ToString()[11..26])}</td><td>{Text(EndPoint(flow.Source.ToString(), flow.SourcePort))}</td><td>{Text(EndPoint(flow.Destination.ToString(), flow.DestinationPort))}</td><td>{flow.Protocol}</td><td class=\"n\">{flow.Packets}</td><td class=\"n\">{flow.Bytes}</td></tr>"));
        }
        output.WriteLine("</tbody></table></div>");
        if (evidence.Flows.Count > MaxEvidenceFlows) output.WriteLine($"<p class=\"faint\">The first {MaxEvidenceFlows} of {evidence.Flows.Count}.</p>");
        output.WriteLine("</details>");
    }

    private void Talkers(AnalysisReport report)
    {
        if (report.TopTalkers.Count == 0) return;
        var most = Math.Max(1, report.TopTalkers.Max(t => t.BytesSent + t.BytesReceived));
        output.WriteLine("<section><h2>Heaviest addresses</h2><div class=\"wide\"><table class=\"bars\"><thead><tr><th>Address</th><th></th><th class=\"n\">Sent</th><th class=\"n\">Received</th><th class=\"n\">Packets sent</th><th class=\"n\">Packets received</th></tr></thead><tbody>");
        foreach (var talker in report.TopTalkers)
        {
            output.WriteLine($"<tr><td>{Text(talker.Address.ToString())}</td><td>{Bar((double)talker.BytesSent / most, "sent")}{Bar((double)talker.BytesReceived / most, "received")}</td>"
                + $"<td class=\"n\">{Quantities.Octets(talker.BytesSent)}</td><td class=\"n\">{Quantities.Octets(talker.BytesReceived)}</td><td class=\"n\">{Quantities.Count(talker.PacketsSent)}</td><td class=\"n\">{Quantities.Count(talker.PacketsReceived)}</td></tr>");
        }
        output.WriteLine("</tbody></table></div><p class=\"legend\"><span><i class=\"sent\"></i>sent</span><span><i class=\"received\"></i>received</span></p></section>");
    }

    private void Fact(string name, string value) => output.WriteLine($"<div><dt>{Text(name)}</dt><dd>{Text(value)}</dd></div>");

    /// <summary>Nothing is drawn for nothing, but it takes the room of a line.</summary>
    private static string Bar(double share, string kind) =>
        share <= 0 ? "<span class=\"bar empty\"></span>" : string.Create(CultureInfo.InvariantCulture, $"<span class=\"bar {kind}\" style=\"width:{Math.Clamp(share, 0, 1) * 100:0.#}%\"></span>");

    private static string Badge(Severity severity) => $"<span class=\"badge {severity.Name()}\">{severity.Name()}</span>";

    private static string Subject(Incident incident) => incident.Target is { } target ? Words.Of(target) : incident.Host?.ToString() ?? "";

    private static string EndPoint(string address, ushort port) => address.Contains(':') ? $"[{address}]:{port}" : $"{address}:{port}";

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b2530; --faint: #5b6875; --paper: #fff; --line: #d8dee4; --panel: #f5f7f9; --accent: #1f6feb; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e3e8ee; --faint: #9aa7b4; --paper: #11161c; --line: #303a45; --panel: #1a2129; --accent: #6ea8ff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper); }
        h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
        .brand { margin: 0; color: var(--faint); letter-spacing: .06em; text-transform: uppercase; font-size: .75rem; }
        .verdict { font-size: 1.1rem; font-weight: 600; border-left: .35rem solid var(--line); padding-left: .6rem; }
        .verdict.none { border-color: #2e9e5b; } .verdict.info, .verdict.low { border-color: #8a97a5; } .verdict.medium { border-color: #d99a00; }
        .verdict.high { border-color: #d9541e; } .verdict.critical { border-color: #b3123b; }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(14.5rem, 1fr)); gap: .5rem 1rem; margin: .5rem 0; }
        .facts dt { color: var(--faint); font-size: .8rem; } .facts dd { margin: 0; overflow-wrap: anywhere; }
        .problems { background: var(--panel); border-left: .25rem solid #d99a00; padding: .5rem .5rem .5rem 1.6rem; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { color: var(--faint); font-weight: 600; font-size: .8rem; } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .wide { overflow-x: auto; } a { color: var(--accent); }
        .badge { display: inline-block; padding: 0 .5em; border-radius: .6em; font-size: .75rem; font-weight: 600; color: #fff; background: #6b7784; vertical-align: middle; }
        .badge.medium { background: #9a6c00; } .badge.high { background: #c2410c; } .badge.critical { background: #b3123b; }
        .incident { border-top: 2px solid var(--line); margin-top: 2rem; } .faint { color: var(--faint); } p.faint { margin: .2rem 0; }
        .addresses { font: .85rem/1.6 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        .bars td:first-child { width: 12rem; } .bars td:nth-child(2) { min-width: 10rem; width: 45%; } .bar { display: block; height: .45rem; min-width: 1px; margin: .15rem 0; border-radius: 2px; background: var(--faint); }
        .bar.attack, .bar.collateral { margin-left: auto; } .bars .bar.attack { margin-left: 0; } .bar.empty { visibility: hidden; }
        .bar.attack { background: #c2410c; } .bar.collateral { background: #7a5195; } .sent { background: #1f77b4; } .received { background: #ef9d3c; }
        svg { width: 100%; height: auto; display: block; } svg text { font: 11px system-ui, "DejaVu Sans", sans-serif; fill: var(--faint); }
        svg .number { text-anchor: middle; font-weight: 700; fill: #c2410c; } .grid { stroke: var(--line); stroke-width: 1; }
        .band { fill: #c2410c; background: #c2410c; opacity: .16; }
        .legend { margin: .3rem 0; font-size: .85rem; color: var(--faint); } .legend span { margin-right: 1.2em; white-space: nowrap; }
        .legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; } .legend i.band { opacity: .4; }
        .c0 { fill: #d62728; background: #d62728; } .c1 { fill: #ff9896; background: #ff9896; } .c2 { fill: #4c9be8; background: #4c9be8; } .c3 { fill: #ef9d3c; background: #ef9d3c; }
        .c4 { fill: #7a5195; background: #7a5195; } .c5 { fill: #2e9e5b; background: #2e9e5b; } .c6 { fill: #8a97a5; background: #8a97a5; }
        details { margin: 1rem 0; } summary { cursor: pointer; color: var(--accent); }
        @media (max-width: 40rem) { body { padding: 1rem .8rem 3rem; } .plot svg { min-width: 40rem; } .facts { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); } }
        @page { margin: 15mm; }
        @media print {
          :root { --ink: #000; --faint: #444; --paper: #fff; --line: #bbb; --panel: #f3f3f3; --accent: #000; }
          body { max-width: none; padding: 0; font-size: 10pt; } svg, tr, li, .facts div { break-inside: avoid; } h2, h3, thead { break-after: avoid; } .plot svg { min-width: 0; }
          a { text-decoration: none; } details:not([open]) { display: none; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .wide { overflow: visible; }
        }
        """;
}
