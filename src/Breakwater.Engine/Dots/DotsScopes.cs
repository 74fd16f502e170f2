using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>From rules for one target to the scope of one request.</summary>
internal static class DotsScopes
{
    /// <summary>What all rules have in common: a part that one of them leaves open is left open.</summary>
    /// <param name="matches">At least one, all with the same destination.</param>
    public static DotsScope Of(IReadOnlyList<TrafficMatch> matches) => new()
    {
        TargetPrefixes = [matches[0].Destination!.Value],
        TargetProtocols = matches.All(m => m.Protocols.Count > 0) ? [.. matches.SelectMany(m => m.Protocols).Distinct().Order()] : [],
        TargetPorts = Common(matches, m => m.DestinationPorts),
    };

    /// <summary>The ranges of all rules; none when one of them names none.</summary>
    public static IReadOnlyList<ValueRange> Common(IReadOnlyList<TrafficMatch> matches, Func<TrafficMatch, IReadOnlyList<ValueRange>> part) =>
        matches.All(m => part(m).Count > 0) ? [.. matches.SelectMany(part).Distinct().OrderBy(r => r.From).ThenBy(r => r.To)] : [];
}
