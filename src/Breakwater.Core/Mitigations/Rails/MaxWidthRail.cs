namespace Breakwater.Core.Mitigations.Rails;

/// <summary>A blackhole is of one host unless a person typed a wider one, and nothing is ever wider than /24 or /48.</summary>
public sealed class MaxWidthRail : IGuardRail
{
    public string Name => "max-width";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Match.Destination is not { } destination) return "it has no destination";
        var widest = destination.IsV4 ? RailOptions.WidestV4 : RailOptions.WidestV6;
        if (destination.Length < widest) return $"{destination} is wider than /{widest}, and nothing wider is ever mitigated";
        if (mitigation.OurSide is { } ours && ours.Length < widest) return $"{ours} is wider than /{widest}, and nothing wider is ever kept from sending";
        return mitigation.Action == MitigationAction.Blackhole && !destination.IsHost && mitigation.Origin != MitigationOrigin.Operator
            ? $"{destination} is wider than /{destination.Address.Bits}: only a person may type a blackhole of more than one host"
            : null;
    }
}
