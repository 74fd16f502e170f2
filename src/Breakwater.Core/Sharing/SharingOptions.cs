using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Sharing;

/// <summary>How much of an address others are told.</summary>
public enum Disclosure : byte
{
    /// <summary>Nothing.</summary>
    Hidden,

    /// <summary>The /24 or /48 around it.</summary>
    Network,

    /// <summary>The address.</summary>
    Full,
}

/// <summary>Section <c>sharing</c> of the configuration file: what others may be told of our incidents. Nothing is sent anywhere; what may be told can be fetched.</summary>
[Live]
public sealed class SharingOptions : IValidatableObject
{
    /// <summary>Keep what may be told ready for others to fetch by TAXII 2.1 (<c>/taxii2/</c>).</summary>
    public bool Enabled { get; set; }

    /// <summary>Who tells: the name in every report.</summary>
    [MaxLength(200)]
    public string Organisation { get; set; } = "";

    /// <summary>Mail address that recipients may write to.</summary>
    [MaxLength(254)]
    public string Contact { get; set; } = "";

    /// <summary>Domain name of the organisation; taken from the contact where it is empty.</summary>
    [MaxLength(253)]
    public string Domain { get; set; } = "";

    /// <summary>Marking of everything told: how far recipients may pass it on.</summary>
    /// <remarks>Amber: it is about attacks on somebody. Choose it wider once victims are hidden and you mean it.</remarks>
    public Tlp Tlp { get; set; } = Tlp.Amber;

    /// <summary>Write markings of TLP 1.0, for recipients whose software does not know 2.0. Clear becomes white, amber+strict becomes amber.</summary>
    public bool Tlp1 { get; set; }

    /// <summary>What is told of the victim's address.</summary>
    public Disclosure Victims { get; set; } = Disclosure.Hidden;

    /// <summary>What is told of the address of a host of ours that attacks others or is infected.</summary>
    public Disclosure OwnHosts { get; set; } = Disclosure.Hidden;

    /// <summary>Least severity of what is told.</summary>
    public Severity MinSeverity { get; set; } = Severity.Medium;

    /// <summary>Least confidence of what is told.</summary>
    [Range(0.0, 1.0)]
    public double MinConfidence { get; set; } = 0.7;

    /// <summary>Kinds of incidents that are told of; empty for all.</summary>
    [MaxLength(10)]
    public IReadOnlyList<IncidentKind> Kinds { get; set; } = [];

    /// <summary>Addresses and networks that are never told of, whatever else is said here.</summary>
    [MaxLength(10_000)]
    public IReadOnlyList<Prefix> Withhold { get; set; } = [];

    /// <summary>Sources told of in one incident, heaviest first.</summary>
    /// <remarks>Each becomes four objects in STIX. The heaviest fifty are most of a reflection attack, and nobody blocks by more.</remarks>
    [Range(0, 100)]
    public int MaxSources { get; set; } = 50;

    /// <summary>How long after it was last seen a source counts as an indicator for others.</summary>
    /// <remarks>Addresses change hands: a week is long for a household and short for a server.</remarks>
    [Range(typeof(TimeSpan), "00:10:00", "365.00:00:00")]
    public TimeSpan IndicatorLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Recipients by the name of their API token: the strictest marking they are shown. A token of role <c>partner</c> that is not named here sees what is <c>green</c>.</summary>
    [MaxLength(1000)]
    public Dictionary<string, Tlp> Recipients { get; set; } = [];

    /// <summary>STIX objects kept for recipients, all versions counted; beyond, the oldest go.</summary>
    [Range(1_000, 10_000_000)]
    public int MaxObjects { get; set; } = 200_000;

    /// <summary>The same, for whoever must never see one half of a change: the options in force are changed key by key.</summary>
    public SharingOptions Snapshot() => (SharingOptions)MemberwiseClone();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Contact.Length > 0 && (Contact.IndexOf('@') is var at && (at < 1 || at != Contact.LastIndexOf('@') || at == Contact.Length - 1) || Contact.Any(c => c is <= ' ' or > '~')))
            yield return new ValidationResult("must be a mail address", [nameof(Contact)]);
        if (Domain.Length > 0 && Uri.CheckHostName(Domain) != UriHostNameType.Dns) yield return new ValidationResult("must be a domain name", [nameof(Domain)]);
        if (Enabled && Organisation.Length == 0) yield return new ValidationResult("recipients must know who tells them", [nameof(Organisation)]);
    }
}
