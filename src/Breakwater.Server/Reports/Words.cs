using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Reports;

/// <summary>Turns of phrase that every report shares.</summary>
internal static class Words
{
    /// <summary>A host without its /32 or /128, a prefix with its length.</summary>
    public static string Of(Prefix prefix) => prefix.IsHost ? prefix.Address.ToString() : prefix.ToString();

    /// <summary>"on 192.0.2.7", "by 198.51.100.3", or nothing where the story has no single subject.</summary>
    public static string About(Incident incident) =>
        incident.Target is { } target ? "on " + Of(target)
        : incident.Host is { } host ? "by " + host
        : "";

    /// <summary>2021-05-15 14:50:40.035 UTC.</summary>
    public static string Moment(Timestamp time) => time.ToString()[..23].Replace('T', ' ') + " UTC";

    /// <summary>What comes from outside, made safe for a terminal: an escape sequence in a file name must not reach it.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>What a mitigation would do, with its rate: <c>rate-limit to 5 Mbit/s</c>.</summary>
    public static string Action(ProposedMitigation mitigation)
    {
        var action = KeyNames.KebabCase(mitigation.Action.ToString());
        return mitigation.RateBitsPerSecond is { } rate ? $"{action} to {Quantities.BitRate(rate)}" : action;
    }
}
