using System.ComponentModel.DataAnnotations;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Section <c>flows.templates</c> of the configuration file: bounds on what NetFlow v9 and IPFIX exporters may make us remember.</summary>
/// <remarks>When a bound is reached the least recently used goes, and the exporter's <c>table-full</c> errors count it.</remarks>
public sealed class TemplateOptions
{
    /// <summary>Observation domains (NetFlow v9: source identifiers) kept, over all exporters of one receiver.</summary>
    /// <remarks>A large network has hundreds of routers with up to tens of line cards each.</remarks>
    [Range(1, 1_000_000)]
    public int MaxDomains { get; set; } = 8192;

    /// <summary>Observation domains kept of one exporter, so that one cannot push out the others.</summary>
    [Range(1, 65_536)]
    public int MaxDomainsPerExporter { get; set; } = 256;

    /// <summary>Templates kept of one observation domain.</summary>
    /// <remarks>Routers send fewer than ten; probes with one template per application up to a few hundred.</remarks>
    [Range(1, 65_280)]
    public int MaxTemplatesPerDomain { get; set; } = 512;

    /// <summary>Fields of one template; a template with more is refused.</summary>
    [Range(1, 16_384)]
    public int MaxFieldsPerTemplate { get; set; } = 512;

    /// <summary>Fields of all templates together; about 20 bytes of memory each.</summary>
    [Range(512, 100_000_000)]
    public int MaxFields { get; set; } = 500_000;

    /// <summary>Data sets kept until their template arrives, over all exporters of one receiver.</summary>
    [Range(0, 1_000_000)]
    public int MaxWaitingSets { get; set; } = 2048;

    /// <summary>Data sets kept until their template arrives, of one observation domain.</summary>
    /// <remarks>All of them must fit one batch together once their template is there.</remarks>
    [Range(0, 1024)]
    public int MaxWaitingSetsPerDomain { get; set; } = 64;

    /// <summary>Octets of data sets kept until their template arrives, over all exporters of one receiver.</summary>
    [Range(0, 1_000_000_000)]
    public long MaxWaitingBytes { get; set; } = 2_000_000;

    /// <summary>How long a data set is worth keeping; flows older than that no longer help to see an attack.</summary>
    public TimeSpan MaxWaitingTime { get; set; } = TimeSpan.FromMinutes(2);
}
