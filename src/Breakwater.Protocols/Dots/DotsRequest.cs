using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dots;

/// <summary>A mitigation request that was granted, and how far it has come.</summary>
internal sealed class DotsRequest
{
    public required DotsClientProfile Client { get; init; }
    public string? Cdid { get; init; }
    public required string Cuid { get; init; }
    public required uint Mid { get; init; }

    /// <summary>As the client asked; a refresh must repeat it.</summary>
    public required DotsScope Scope { get; init; }

    /// <summary>The targets with those of aliases, names and URIs.</summary>
    public required DotsScope Resolved { get; init; }
    public required Timestamp Created { get; init; }

    /// <summary><see cref="Timestamp.Max"/> for no end.</summary>
    public Timestamp Expires { get; set; }
    public DotsStatus Status { get; private set; }

    /// <summary>When the status became what it is.</summary>
    public Timestamp Since { get; private set; }

    /// <summary>When mitigation began; null while held.</summary>
    public Timestamp? Started { get; private set; }

    /// <summary>End of the active-but-terminating period, or of the time for which a held request shows how it went.</summary>
    public Timestamp? NextStep { get; set; }

    /// <summary>How long it will go on after a withdrawal.</summary>
    public TimeSpan TerminatingPeriod { get; set; }
    public DotsAttackStatus? AttackStatus { get; set; }
    public DotsConflict? Conflict { get; set; }
    public DotsEffect Effect { get; set; }

    public bool IsPreconfigured => !Scope.TriggerMitigation;

    /// <summary>True while something should be done about it.</summary>
    public bool IsInForce => Status is DotsStatus.InProgress or DotsStatus.Mitigated or DotsStatus.AttackStopped or DotsStatus.ExceededCapability or DotsStatus.Terminating;

    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Client.Name}/{(Cdid is null ? "" : Cdid + "/")}{Cuid}/{Mid}");

    /// <returns>True when that changes the status.</returns>
    public bool Become(Timestamp now, DotsStatus status)
    {
        if (Status == status) return false;
        Status = status;
        Since = now;
        NextStep = null;
        if (status == DotsStatus.HeldUntilSignalLoss) Started = null;
        else if (IsInForce) Started ??= now;
        return true;
    }

    /// <summary>RFC 9132 §4.4.1.3: a common address or prefix; in Call Home of both sources and targets.</summary>
    public bool Overlaps(DotsScope resolved) =>
        Common(Resolved.TargetPrefixes, resolved.TargetPrefixes).Any()
        && (Resolved.SourcePrefixes.Count == 0 || resolved.SourcePrefixes.Count == 0 || Common(Resolved.SourcePrefixes, resolved.SourcePrefixes).Any());

    /// <summary>The narrower of each two prefixes that overlap.</summary>
    public static IEnumerable<Prefix> Common(IReadOnlyList<Prefix> one, IReadOnlyList<Prefix> other) =>
        one.SelectMany(a => other.Where(b => a.Contains(b) || b.Contains(a)).Select(b => a.Length > b.Length ? a : b)).Distinct();

    public DotsDemand ToDemand() => new(Id, Client, [.. Matches()], Created, Expires, AttackStatus);

    /// <summary>What a GET shows (RFC 9132 §4.4.2).</summary>
    /// <param name="content">'c' for what was asked, 'n' for how it goes, 'a' for both.</param>
    public DotsScope Show(Timestamp now, char content)
    {
        var asked = content == 'n' ? new DotsScope() : Scope with { AttackStatus = null, Filters = [] };
        var shown = asked with { Mid = Mid, Lifetime = RemainingLifetime(now) };
        return content == 'c' ? shown : shown with
        {
            Status = Status,
            MitigationStart = Started is { } start ? (ulong)(start.Milliseconds / 1000) : null,
            Conflict = Conflict,
            BytesDropped = Effect.Bytes,
            BytesPerSecondDropped = Rate(now, Effect.Bytes),
            PacketsDropped = Effect.Packets,
            PacketsPerSecondDropped = Rate(now, Effect.Packets),
        };
    }

    public long RemainingLifetime(Timestamp now) => Expires == Timestamp.Max ? -1 : Math.Max(0, (long)Math.Ceiling((Expires - now).TotalSeconds));

    private ulong? Rate(Timestamp now, ulong? total) =>
        total is { } dropped && Started is { } start ? (ulong)(dropped / Math.Max(1, (now - start).TotalSeconds)) : null;

    private IEnumerable<TrafficMatch> Matches()
    {
        // Ports are those of TCP and UDP unless the request names protocols.
        var ports = Resolved.TargetPorts.Count > 0 || Resolved.SourcePorts.Count > 0;
        byte[] protocols = Resolved.TargetProtocols is { Count: > 0 } named ? [.. named] : ports ? [6, 17] : [];
        foreach (var target in Resolved.TargetPrefixes)
        {
            var match = new TrafficMatch { Destination = target, Protocols = protocols, DestinationPorts = Resolved.TargetPorts };
            if (Resolved.SourcePrefixes.Count == 0) yield return match;
            foreach (var source in Resolved.SourcePrefixes)
                if (source.IsV4 == target.IsV4) yield return match with { Source = source, SourcePorts = Resolved.SourcePorts, IcmpTypes = Resolved.SourceIcmpTypes };
        }
    }
}

/// <summary>What a mitigation has dropped since it began; null where nobody counts.</summary>
public readonly record struct DotsEffect(ulong? Bytes, ulong? Packets);
