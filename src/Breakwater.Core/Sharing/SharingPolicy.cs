using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Core.Sharing;

/// <summary>Decides what of an incident others may be told, before anything is rendered.</summary>
/// <param name="options">Section <c>sharing</c>.</param>
/// <param name="home">What is ours.</param>
/// <param name="referenceOf">Makes the reference that others know an incident by; must not be guessable from the target.</param>
public sealed class SharingPolicy(SharingOptions options, HomeNetwork home, Func<string, Guid> referenceOf)
{
    private readonly PrefixTable<bool> _withheld = new(options.Withhold.Select(p => KeyValuePair.Create(p, true)));

    /// <summary>What may be told; null where nothing may, and then <paramref name="refusal"/> says why.</summary>
    public SharedIncident? Decide(Incident incident, out string refusal)
    {
        refusal = WhyNot(incident) ?? "";
        return refusal.Length > 0 ? null : Tell(incident);
    }

    private string? WhyNot(Incident incident)
    {
        if (options.Kinds.Count > 0 && !options.Kinds.Contains(incident.Kind)) return $"incidents of kind '{incident.Kind.Name()}' are not told of (sharing.kinds)";
        if (incident.Severity < options.MinSeverity) return $"its severity is {incident.Severity.Name()}, less than {options.MinSeverity.Name()} (sharing.min_severity)";
        if (incident.Confidence < options.MinConfidence)
            return string.Create(CultureInfo.InvariantCulture, $"its confidence is {incident.Confidence:0.##}, less than {options.MinConfidence:0.##} (sharing.min_confidence)");
        if (incident.Target is { } target && IsWithheld(target)) return "its victim is never told of (sharing.withhold)";
        if (incident.Host is { } host && _withheld.Contains(host)) return "its host is never told of (sharing.withhold)";
        return null;
    }

    private SharedIncident Tell(Incident incident)
    {
        // Of a flood the host is the victim; of all else it is the accused, ours or a stranger.
        var accused = incident.Kind == IncidentKind.Ddos ? null : incident.Host;
        var own = accused is { } known && home.GroupOf(known) >= 0 ? accused : null;
        var forged = incident.ForgedShare > 0;
        var foreign = accused is { } stranger && own is null ? incident.Sources.Prepend(stranger).Distinct() : incident.Sources;
        var sources = forged ? [] : foreign.Where(IsTold).Take(options.MaxSources).ToArray();
        var victim = incident.Target is { } target ? Disclosed(target, options.Victims) : null;
        return new SharedIncident
        {
            Reference = referenceOf(incident.Id),
            Kind = incident.Kind,
            Severity = incident.Severity,
            Confidence = incident.Confidence,
            Marking = options.Tlp,
            Victim = victim,
            OwnHost = own is { } host ? Disclosed(new Prefix(host, host.Bits), options.OwnHosts) : null,
            Sources = sources,
            SourceCount = incident.SourceCount,
            SourcesForged = forged,
            Vectors = incident.Vectors,
            Start = incident.Start,
            LastSeen = incident.LastSeen,
            End = incident.End,
            DetectedAt = incident.DetectedAt,
            Pulses = incident.Pulses,
            PeakBitsPerSecond = incident.PeakBitsPerSecond,
            PeakPacketsPerSecond = incident.PeakPacketsPerSecond,
            Packets = incident.Packets,
            Bytes = incident.Bytes,
            Traffic = EvidenceTraffic.Of(incident.Evidence, sources, address => Seen(address, own is not null)),
            Mitigations = [.. incident.Mitigations.Where(IsAboutTheAttack).Select(m => m with { Match = m.Match with { Destination = victim, Source = null } }).DistinctBy(m => (m.Match.Describe(), m.Action))],
            Summary = Summary(incident),
        };
    }

    /// <summary>A rule that names a source or nothing but the victim says nothing that others could use.</summary>
    private static bool IsAboutTheAttack(ProposedMitigation rule) =>
        rule.Match.Protocols.Count > 0 && rule.Match is { SourcePorts.Count: > 0 } or { DestinationPorts.Count: > 0 } or { TcpFlagsMask: > 0 } or { PacketLengths.Count: > 0 } or { IcmpTypes.Count: > 0 } or { Fragment: true };

    /// <summary>A receiver of the evidence as others may see it: where the accused is ours, so is the other end at home; else it is a victim.</summary>
    private Prefix? Seen(IpAddr address, bool accusedIsOurs) =>
        _withheld.Contains(address) ? null : Disclosed(new Prefix(address, address.Bits), accusedIsOurs && home.GroupOf(address) >= 0 ? options.OwnHosts : options.Victims);

    /// <summary>True for a foreign address that can be a real sender across the Internet.</summary>
    private bool IsTold(IpAddr address) =>
        home.GroupOf(address) < 0 && !Bogons.Contains(address) && !Bogons.IsLocal(address) && !_withheld.Contains(address);

    private bool IsWithheld(Prefix prefix) => _withheld.Contains(prefix.Address) || options.Withhold.Any(prefix.Contains);

    private static Prefix? Disclosed(Prefix prefix, Disclosure disclosure) => disclosure switch
    {
        Disclosure.Full => prefix,
        Disclosure.Network => Prefix.Of(prefix.Address, Math.Min(prefix.Length, prefix.IsV4 ? 24 : 48)),
        _ => null,
    };

    private static string Summary(Incident incident)
    {
        var what = incident.Vectors.Count > 0 ? string.Join(", ", incident.Vectors) : incident.Kind.Name();
        var rates = incident.PeakPacketsPerSecond > 0
            ? $", at most {Examination.Count(incident.PeakPacketsPerSecond)} packets/s and {Examination.Count(incident.PeakBitsPerSecond)}bit/s"
            : "";
        var from = incident.ForgedShare > 0 ? ", from forged addresses"
            : incident is { Kind: IncidentKind.Ddos, SourceCount: > 0 } ? $", from about {Examination.Count(incident.SourceCount)} sources" : "";
        return $"{incident.Kind.Name()}: {what}{rates}{from}, {incident.Start} to {incident.LastSeen}";
    }
}
