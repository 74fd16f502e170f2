using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations.Rails;

namespace Breakwater.Core.Mitigations;

/// <summary>What is being done about one incident.</summary>
internal sealed class IncidentPlan(Incident incident, SignalQuality quality)
{
    /// <summary>The newest snapshot.</summary>
    public Incident Incident { get; set; } = incident;

    public SignalQuality Quality { get; set; } = quality;

    /// <summary>Identifiers of the mitigations that belong to it now; only these are renewed.</summary>
    public List<string> Members { get; } = [];

    /// <summary>Vectors at the time of planning: another one asks for another plan.</summary>
    public IReadOnlyList<string> Vectors { get; set; } = [];

    /// <summary>What the incident asked for at the time of planning: rules and actions.</summary>
    public string Asked { get; set; } = "";

    /// <summary>What that came to: for each rule the identifiers of the mitigations any of which does it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Wanted { get; set; } = [];

    /// <summary>True once a person said no to it: nothing more is proposed for these vectors.</summary>
    public bool IsRejected { get; set; }
}
