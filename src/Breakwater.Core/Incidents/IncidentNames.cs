using Breakwater.Core.Detection;

namespace Breakwater.Core.Incidents;

/// <summary>The words outsiders see in JSON, the API and the page. Changing one breaks them.</summary>
public static class IncidentNames
{
    public static string Name(this IncidentKind kind) => kind switch
    {
        IncidentKind.Ddos => "ddos",
        IncidentKind.OutboundAttack => "outbound-attack",
        IncidentKind.InfectedHost => "infected-host",
        IncidentKind.Scan => "scan",
        IncidentKind.BruteForce => "brute-force",
        IncidentKind.Reflector => "reflector",
        IncidentKind.Spoofing => "spoofing",
        IncidentKind.PolicyViolation => "policy-violation",
        IncidentKind.UntrustedDevice => "untrusted-device",
        IncidentKind.Exposure => "exposure",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string Name(this IncidentState state) => state switch
    {
        IncidentState.Open => "open",
        IncidentState.Mitigated => "mitigated",
        IncidentState.Ended => "ended",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static string Name(this Severity severity) => severity switch
    {
        Severity.Info => "info",
        Severity.Low => "low",
        Severity.Medium => "medium",
        Severity.High => "high",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity)),
    };

    public static string Name(this DataQuality quality) => quality switch
    {
        DataQuality.Good => "good",
        DataQuality.Coarse => "coarse",
        DataQuality.Doubtful => "doubtful",
        _ => throw new ArgumentOutOfRangeException(nameof(quality)),
    };

    public static string Name(this QualityIssue issue) => issue switch
    {
        QualityIssue.SamplingUnknown => "sampling-unknown",
        QualityIssue.FewSamples => "few-samples",
        QualityIssue.DataLost => "data-lost",
        QualityIssue.DataDropped => "data-dropped",
        QualityIssue.ClockSkew => "clock-skew",
        _ => throw new ArgumentOutOfRangeException(nameof(issue)),
    };

    public static bool TryParseIssue(string name, out QualityIssue issue) => TryParse(name, Name, out issue);

    /// <summary>Finds the kind that a name stands for; false for a name outside the closed list.</summary>
    public static bool TryParseKind(string name, out IncidentKind kind) => TryParse(name, Name, out kind);

    public static bool TryParseState(string name, out IncidentState state) => TryParse(name, Name, out state);

    public static bool TryParseSeverity(string name, out Severity severity) => TryParse(name, Name, out severity);

    private static bool TryParse<T>(string name, Func<T, string> nameOf, out T found) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            found = value;
            if (nameOf(value) == name) return true;
        }
        found = default;
        return false;
    }
}
