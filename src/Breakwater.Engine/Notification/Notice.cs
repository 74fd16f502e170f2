using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;

namespace Breakwater.Engine.Notification;

/// <summary>Why people are told.</summary>
public enum NoticeKind : byte
{
    /// <summary>An incident began, or became bad enough to be told of.</summary>
    Opened,

    /// <summary>The attack is made of other things than before.</summary>
    VectorsChanged,

    /// <summary>The peak has grown by <see cref="NotificationOptions.PeakFactor"/> since it was last told.</summary>
    PeakGrown,

    /// <summary>A mitigation came into another state.</summary>
    MitigationChanged,

    /// <summary>An incident that was told of is over; its numbers are final.</summary>
    Ended,
}

/// <summary>One thing that people are told, as a snapshot of the moment. Either about an incident or about a mitigation.</summary>
/// <param name="Id">The same for the same change, whoever is told and however often it is tried; another after a restart.</param>
/// <param name="Kind">Why.</param>
/// <param name="Time">When we noticed.</param>
public sealed record Notice(string Id, NoticeKind Kind, Timestamp Time)
{
    /// <summary>Set for all kinds but <see cref="NoticeKind.MitigationChanged"/>.</summary>
    public Incident? Incident { get; init; }

    /// <summary>Set for <see cref="NoticeKind.MitigationChanged"/>.</summary>
    public Mitigation? Mitigation { get; init; }

    /// <summary>What it is about: notices of one subject follow one another.</summary>
    public string Subject => Incident?.Id ?? Mitigation!.Id;
}

/// <summary>What one message holds.</summary>
/// <param name="Id">Idempotency key: the same on every attempt to deliver it, and never again for another.</param>
/// <param name="Notices">Oldest first, at least one.</param>
/// <param name="Left">Notices left out since the last message because too many waited.</param>
public sealed record NoticeGroup(string Id, IReadOnlyList<Notice> Notices, long Left);
