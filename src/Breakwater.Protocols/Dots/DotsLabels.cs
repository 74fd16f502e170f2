namespace Breakwater.Protocols.Dots;

/// <summary>The labels of enumerations, in the order of their codes: the first has code 1.</summary>
/// <remarks>
/// RFC 9132 §10.6.2 to §10.6.5, RFC 9066 §7.2 (conflict cause 4), RFC 9133 §3.2.1 (activation type), RFC 9244 §11.1 (telemetry: the values of the YANG module).
/// </remarks>
internal static class DotsLabels
{
    public static readonly string[] Status =
    [
        "attack-mitigation-in-progress", "attack-successfully-mitigated", "attack-stopped", "attack-exceeded-capability",
        "dots-client-withdrawn-mitigation", "attack-mitigation-terminated", "attack-mitigation-withdrawn", "attack-mitigation-signal-loss",
    ];

    public static readonly string[] ConflictStatus = ["request-inactive-other-active", "request-active", "all-requests-inactive"];

    public static readonly string[] ConflictCause =
        ["overlapping-targets", "conflict-with-acceptlist", "cuid-collision", "request-rejected-legitimate-traffic"];

    public static readonly string[] AttackStatus = ["under-attack", "attack-successfully-mitigated"];

    public static readonly string[] ActivationType = ["activate-when-mitigating", "immediate", "deactivate"];

    public static readonly string[] Unit =
        [.. new[] { "", "kilo", "mega", "giga", "tera", "peta", "exa", "zetta" }.SelectMany(scale => new[] { "packet-ps", "bit-ps", "byte-ps" }, (scale, unit) => scale + unit)];

    public static readonly string[] AttackSeverity = ["none", "low", "medium", "high", "unknown"];

    public static readonly string[] Interval = ["5-minutes", "10-minutes", "30-minutes", "hour", "day", "week", "month"];

    public static readonly string[] Sample = ["second", "5-seconds", "30-seconds", "minute", "5-minutes", "10-minutes", "30-minutes", "hour"];

    public static readonly string[] QueryType =
    [
        "target-prefix", "target-port", "target-protocol", "target-fqdn", "target-uri", "target-alias",
        "mid", "source-prefix", "source-port", "source-icmp-type", "content",
    ];
}
