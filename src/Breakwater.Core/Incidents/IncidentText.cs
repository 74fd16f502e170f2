using System.Globalization;
using System.Text;
using Breakwater.Core.Detection;
using Breakwater.Core.Net;

namespace Breakwater.Core.Incidents;

/// <summary>Tells an incident in plain words, with the numbers.</summary>
internal static class IncidentText
{
    /// <param name="incident">Everything known, but for the words.</param>
    /// <param name="about">The host or prefix that it is about.</param>
    public static string Explain(Incident incident, Prefix about)
    {
        var inbound = incident.Kind == IncidentKind.Ddos;
        var text = new StringBuilder();
        var seconds = Math.Max((incident.LastSeen - incident.Start).TotalSeconds, 0);
        var who = about.ToShortString();
        var times = incident.Pulses > 1 ? $" in {incident.Pulses} pulses" : "";
        text.Append(CultureInfo.InvariantCulture,
            $"{who} {(inbound ? "receives" : "sends")} {string.Join(", ", incident.Vectors)}: {Examination.Count(incident.Packets)} packets ({Examination.Count(incident.Bytes)}B) in {seconds:0.###} s{times}, ");
        text.Append(CultureInfo.InvariantCulture, $"at most {Examination.Count(incident.PeakPacketsPerSecond)} packets/s and {Examination.Count(incident.PeakBitsPerSecond)}bit/s");
        if (inbound && incident.SourceCount > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", from about {Examination.Count(incident.SourceCount)} {(incident.ForgedShare > 0 ? "source addresses" : "sources")}");
            if (incident.SourceCountError > 0) text.Append(CultureInfo.InvariantCulture, $" (±{incident.SourceCountError * 196:0} %)");
        }
        if (incident.RelativeError > 0) text.Append(CultureInfo.InvariantCulture, $"; counts from sampled packets, ±{incident.RelativeError * 100:0} %");
        text.Append('.');
        if (incident.TargetPrefixes.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $" Hit are {string.Join(", ", incident.TargetPrefixes.Take(8))}{(incident.TargetPrefixes.Count > 8 ? $" and {incident.TargetPrefixes.Count - 8} more" : "")}.");
        if (incident.ForgedShare > 0)
            text.Append(CultureInfo.InvariantCulture, $" About {Examination.Percent(incident.ForgedShare)} of the packets come from addresses that cannot be real: the sources are forged, and who sends is not known from them.");
        foreach (var claim in Claims(incident.Findings)) text.Append(CultureInfo.InvariantCulture, $" {char.ToUpperInvariant(claim[0])}{claim[1..]}.");
        if (incident.Pulses > 1) text.Append(Rhythm(incident));
        foreach (var note in incident.QualityNotes) text.Append(CultureInfo.InvariantCulture, $" {note.Text}.");
        return text.ToString();
    }

    private static string Rhythm(Incident incident)
    {
        var armed = incident.ArmedUntil is { } until ? string.Create(CultureInfo.InvariantCulture, $" It is over and armed until {until.ToDateTimeOffset().UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: another pulse before then continues this incident.") : "";
        return incident.Rhythm switch
        {
            null => $" Too few pulses to tell a period.{armed}",
            { IsRegular: true } r => string.Create(CultureInfo.InvariantCulture, $" A pulse comes every {r.PeriodSeconds:0} s (median of {r.Pulses}); the attack is on {r.DutyCycle * 100:0} % of the time.{armed}"),
            var r => string.Create(CultureInfo.InvariantCulture, $" Pulses come irregularly, {r.ShortestSeconds:0} to {r.LongestSeconds:0} s apart; the attack is on about {r.DutyCycle * 100:0} % of the time.{armed}"),
        };
    }

    /// <summary>What the findings say, each thing once: claims that begin alike up to their last colon become one.</summary>
    private static IEnumerable<string> Claims(IReadOnlyList<Finding> findings)
    {
        foreach (var alike in findings.Select(f => f.Because).Distinct().GroupBy(Opening))
            yield return alike.Key.Length == 0 ? string.Join(". ", alike) : alike.Key + string.Join(", ", alike.Select(b => b[alike.Key.Length..]));
    }

    private static string Opening(string because) => because[..(because.LastIndexOf(": ", StringComparison.Ordinal) is var colon and >= 0 ? colon + 2 : 0)];
}
