using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Cases;

/// <summary>Section <c>cases</c> of the configuration file: what is done about hosts of ours that are infected or attack others. Nobody is written to and nothing is blocked by itself.</summary>
[Live]
public sealed class CaseOptions
{
    /// <summary>Open a case for each host of ours that is found infected or attacking; without, those that are there stay as they are.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Least severity of an incident that opens a case.</summary>
    public Severity MinSeverity { get; set; } = Severity.Medium;

    /// <summary>Least confidence of an incident that opens a case.</summary>
    /// <remarks>A subscriber who is wrongly accused loses trust in every later notice.</remarks>
    [Range(0.0, 1.0)]
    public double MinConfidence { get; set; } = 0.8;

    /// <summary>How long a host that is said to be cleaned must be quiet to be believed.</summary>
    /// <remarks>Most bots call home at least daily.</remarks>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long after that a new sign counts as reinfection; then the case is closed.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan Watch { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a closed case is kept.</summary>
    /// <remarks>RFC 6561 §4: no longer than it takes to help.</remarks>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Cases at most; beyond, the one closed longest goes, and where none is closed no new one is opened.</summary>
    [Range(10, 1_000_000)]
    public int MaxCases { get; set; } = 10_000;
}
