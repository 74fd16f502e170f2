using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Spoofing;

/// <summary>Section <c>behaviour.source_audit</c>: do packets that come in by an interface bear addresses that belong there? Without interfaces nothing is audited.</summary>
public sealed class SourceAuditOptions : IValidatableObject
{
    /// <summary>Interfaces of exporters that are audited, by a name of one's own.</summary>
    [MaxLength(4_096)]
    public Dictionary<string, AuditedInterface> Interfaces { get; set; } = [];

    /// <summary>File of the prefixes that anybody routes, one a line, or CAIDA's pfx2as: sources in none of them are told apart. Read at start and at SIGHUP.</summary>
    /// <remarks>Take it from a router with the whole table and no default route; a part of the table is not used.</remarks>
    [MaxLength(4_096)]
    public string RoutedFile { get; set; } = "";

    /// <summary>Packets with a wrong source within five minutes from which it is said; estimated before sampling.</summary>
    /// <remarks>Single ones are left over from address changes. At least ten of them must really have been seen.</remarks>
    [Live]
    [Range(1, 1e12)]
    public long Packets { get; set; } = 100;

    /// <summary>Share of an interface's packets that may bear private addresses: translators leak a few.</summary>
    [Live]
    [Range(0, 1)]
    public double PrivateShare { get; set; } = 0.01;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var twice in Interfaces.GroupBy(i => (i.Value.Exporter, i.Value.Index)).Where(g => g.Count() > 1))
            yield return new ValidationResult($"is the interface of {string.Join(" and ", twice.Select(i => i.Key))}", [$"interfaces.{twice.Last().Key}.index"]);
    }
}

/// <summary>What lies behind an interface.</summary>
public enum InterfaceSide
{
    /// <summary>Customers, subscribers, our own hosts: only their addresses may come from there.</summary>
    Customer,

    /// <summary>The rest of the world: our own addresses may not come from there.</summary>
    Uplink,
}

/// <summary>Section <c>behaviour.source_audit.interfaces.NAME</c>.</summary>
public sealed class AuditedInterface
{
    /// <summary>Address of the exporter; not set: any, for networks with one router.</summary>
    public IpAddr? Exporter { get; set; }

    /// <summary>SNMP ifIndex of the interface.</summary>
    [Range(1, 4294967295)]
    public uint Index { get; set; }

    /// <summary>What lies behind it.</summary>
    public InterfaceSide Side { get; set; }

    /// <summary>Sources that may come in from customers: their assigned prefixes, and what they announce or could (RFC 8704); empty: home.</summary>
    [MaxLength(100_000)]
    public IReadOnlyList<Prefix> Allowed { get; set; } = [];
}
