namespace Breakwater.Core.Mitigations;

/// <summary>What a component looks at. A rule has at most one of each.</summary>
internal enum RuleDimension : byte { Protocol, TcpFlags, IcmpType, Fragment, SourcePort, DestinationPort, Length, Source }

/// <summary>One condition that a rule may have.</summary>
/// <param name="Dimension">What it looks at.</param>
/// <param name="Match">A match with this condition alone.</param>
/// <param name="Cost">What it costs to say: between rules that do equally well, the cheaper one is proposed.</param>
internal sealed record RuleComponent(RuleDimension Dimension, TrafficMatch Match, double Cost)
{
    /// <summary>The rule with this condition added.</summary>
    public TrafficMatch AddTo(TrafficMatch rule) => Dimension switch
    {
        RuleDimension.Protocol => rule with { Protocols = Match.Protocols },
        RuleDimension.TcpFlags => rule with { TcpFlags = Match.TcpFlags, TcpFlagsMask = Match.TcpFlagsMask },
        RuleDimension.IcmpType => rule with { IcmpTypes = Match.IcmpTypes },
        RuleDimension.Fragment => rule with { Fragment = Match.Fragment },
        RuleDimension.SourcePort => rule with { SourcePorts = Match.SourcePorts },
        RuleDimension.DestinationPort => rule with { DestinationPorts = Match.DestinationPorts },
        RuleDimension.Length => rule with { PacketLengths = Match.PacketLengths },
        _ => rule with { Source = Match.Source },
    };
}
