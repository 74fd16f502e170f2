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
    public static string Of(Prefix prefix) => prefix.ToShortString();

    /// <summary>"174 kpps, 330 Mbit/s"; a dash for what a host did, which no rate tells.</summary>
    public static string Peak(Incident incident) =>
        incident.PeakPacketsPerSecond > 0 || incident.PeakBitsPerSecond > 0 ? $"{Quantities.PacketRate(incident.PeakPacketsPerSecond)}, {Quantities.BitRate(incident.PeakBitsPerSecond)}" : "–";

    /// <summary>"4,079 ±2 % packets, 970 kB"; without octets where only packets were counted.</summary>
    public static string InAll(Incident incident) =>
        $"{Quantities.Count(incident.Packets)}{Quantities.Error(incident.RelativeError)} packets{(incident.Bytes > 0 ? ", " + Quantities.Octets(incident.Bytes) : "")}";

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
