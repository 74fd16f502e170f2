using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;

namespace Breakwater.Engine.Notification;

/// <summary>Remembers what people were told, and says what is worth telling them next. Told the time; one thread at a time.</summary>
internal sealed class NoticeBook(NotificationOptions options)
{
    /// <summary>Incidents, and mitigations, told of and not over. Beyond, newcomers are not told of, and counted.</summary>
    public const int MaxActive = 10_000;

    private readonly Dictionary<string, Told> _incidents = [];
    private readonly Dictionary<string, MitigationState> _mitigations = [];

    /// <summary>Incidents and mitigations not told of because there were too many.</summary>
    public long Missed { get; private set; }

    /// <summary>Takes up incidents that a former run told of: their end is still to be told.</summary>
    public void Resume(IEnumerable<Incident> open)
    {
        foreach (var incident in open)
            if (incident.State != IncidentState.Ended && incident.Severity >= options.Severity && _incidents.Count < MaxActive) _incidents[incident.Id] = new Told(incident, 0);
    }

    /// <summary>What a new snapshot of an incident is worth telling; null for nothing.</summary>
    public Notice? Of(Incident incident, Timestamp now)
    {
        if (!_incidents.TryGetValue(incident.Id, out var told))
        {
            if (incident.State == IncidentState.Ended || incident.Severity < options.Severity) return null;
            return HasRoom(_incidents.Count) ? Tell(NoticeKind.Opened, incident, 0, now) : null;
        }
        if (incident.State == IncidentState.Ended)
        {
            var end = Tell(NoticeKind.Ended, incident, told.Changes + 1, now);
            _incidents.Remove(incident.Id);
            return end;
        }
        // Heavier and lighter change places all the time: only what is new counts.
        if (incident.Vectors.Except(told.Vectors).Any()) return Tell(NoticeKind.VectorsChanged, incident, told.Changes + 1, now);
        var grown = Grown(incident.PeakPacketsPerSecond, told.Packets) || Grown(incident.PeakBitsPerSecond, told.Bits);
        return grown ? Tell(NoticeKind.PeakGrown, incident, told.Changes + 1, now) : null;
    }

    /// <summary>What a new snapshot of a mitigation is worth telling; null when its state is what it was.</summary>
    public Notice? Of(Mitigation mitigation, Timestamp now)
    {
        if (_mitigations.TryGetValue(mitigation.Id, out var told) ? told == mitigation.State : !HasRoom(_mitigations.Count)) return null;
        if (mitigation.IsOver) _mitigations.Remove(mitigation.Id);
        else _mitigations[mitigation.Id] = mitigation.State;
        return new Notice(string.Create(CultureInfo.InvariantCulture, $"{mitigation.Id}.{mitigation.State.Name()}.{mitigation.Since.Nanoseconds}"), NoticeKind.MitigationChanged, now) { Mitigation = mitigation };
    }

    private bool HasRoom(int count)
    {
        if (count < MaxActive) return true;
        Missed++;
        return false;
    }

    private bool Grown(double now, double then) => then > 0 && now >= then * options.PeakFactor;

    private Notice Tell(NoticeKind kind, Incident incident, int changes, Timestamp now)
    {
        _incidents[incident.Id] = new Told(incident, changes);
        return new Notice(string.Create(CultureInfo.InvariantCulture, $"{incident.Id}.{kind.Name()}.{now.Milliseconds}.{changes}"), kind, now) { Incident = incident };
    }

    /// <summary>What was last told of an incident: not the incident, which holds its evidence.</summary>
    private sealed record Told(IReadOnlyList<string> Vectors, double Packets, double Bits, int Changes)
    {
        public Told(Incident incident, int changes)
            : this(incident.Vectors, incident.PeakPacketsPerSecond, incident.PeakBitsPerSecond, changes)
        {
        }
    }
}
