using System.Globalization;
using System.Text;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;

namespace Breakwater.Engine.Notification;

/// <summary>Notices in the words that people and receivers get.</summary>
public static class NoticeText
{
    /// <summary>The word for JSON, syslog and metrics.</summary>
    public static string Name(this NoticeKind kind) => kind switch
    {
        NoticeKind.Opened => "opened",
        NoticeKind.VectorsChanged => "vectors-changed",
        NoticeKind.PeakGrown => "peak-grown",
        NoticeKind.MitigationChanged => "mitigation-changed",
        NoticeKind.Ended => "ended",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>One line: "ddos on 192.0.2.7 opened: syn-flood, 81 234 packets/s, 41 594 880 bit/s".</summary>
    public static string Title(this Notice notice)
    {
        if (notice.Mitigation is { } mitigation)
            return $"mitigation {mitigation.State.Name()}: {mitigation.Action.Name()} {mitigation.Match.Describe()}";
        var incident = notice.Incident!;
        var what = notice.Kind switch
        {
            NoticeKind.VectorsChanged => "changed its vectors",
            NoticeKind.PeakGrown => "has grown",
            NoticeKind.Ended => "ended",
            _ => "opened",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{incident.Kind.Name()} {(incident.About is { Length: > 0 } about ? about : "on unknown")} {what}: {string.Join(", ", incident.Vectors)}{Peak(incident)}");
    }

    /// <summary>The subject line of a message.</summary>
    public static string Title(this NoticeGroup group) => group.Notices.Count == 1
        ? group.Notices[0].Title()
        : string.Create(CultureInfo.InvariantCulture, $"{group.Notices[0].Title()}, and {group.Notices.Count - 1} more");

    /// <summary>A message to be read.</summary>
    public static string Body(this NoticeGroup group)
    {
        var text = new StringBuilder();
        foreach (var notice in group.Notices) Write(text, notice);
        if (group.Left > 0) text.Append(CultureInfo.InvariantCulture, $"{group.Left} more notices were left out because too many waited.\n");
        return text.ToString();
    }

    public static string Who(Incident incident) =>
        incident.Target?.ToShortString() ?? incident.Host?.ToString() ?? "unknown";

    /// <summary>Nothing of what a host did, which no rate tells.</summary>
    private static string Peak(Incident incident) => incident.PeakPacketsPerSecond > 0
        ? string.Create(CultureInfo.InvariantCulture, $", peak {incident.PeakPacketsPerSecond:F0} packets/s, {incident.PeakBitsPerSecond:F0} bit/s")
        : "";

    private static void Write(StringBuilder text, Notice notice)
    {
        var line = CultureInfo.InvariantCulture;
        text.Append(line, $"{notice.Title()}\n");
        if (notice.Mitigation is { } mitigation)
        {
            text.Append(line, $"Mitigation {mitigation.Id}, until {mitigation.Expires}, asked for by {mitigation.Requester}\n");
            if (mitigation.IncidentId is { } of) text.Append(line, $"Incident {of}\n");
            text.Append(line, $"{mitigation.Reason}\n");
            if (mitigation.Outcome.Length > 0) text.Append(line, $"{mitigation.Outcome}\n");
        }
        else if (notice.Incident is { } incident)
        {
            text.Append(line, $"Incident {incident.Id}, severity {incident.Severity.Name()}, state {incident.State.Name()}\n");
            text.Append(line, $"{incident.Explanation}\n");
            text.Append(line, $"Began {incident.Start}, last seen {incident.LastSeen}\n");
            if (notice.Kind == NoticeKind.Ended)
                text.Append(line, $"In all {incident.Packets} packets, {incident.Bytes} octets, about {incident.SourceCount} sources, in {(incident.LastSeen - incident.Start).TotalSeconds:F0} s\n");
        }
        text.Append('\n');
    }
}
