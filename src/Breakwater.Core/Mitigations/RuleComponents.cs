using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Finds the conditions that nearly all of some attack flows share: the material rules are made of.</summary>
internal static class RuleComponents
{
    /// <summary>Half a percent of stray flows is noise; three percent is the most that can be lost when several conditions come together.</summary>
    private static readonly double[] Shares = [0.995, 0.97];

    private const int MaxRanges = 8;
    private const int MaxPorts = 2048;

    /// <summary>Lengths spread wider than this are no signature.</summary>
    private const int MaxLengths = 300;
    private const int MaxLengthRanges = 4;

    /// <summary>From here on "this long or longer" says something: ordinary packets towards a host are short or full.</summary>
    private const int LongPacket = 400;

    private const double ComponentCost = 0.002;

    /// <summary>Flags and types tell what an attack is, where a port or a length only tells it apart.</summary>
    private const double MeaningCost = 0.0005;
    private const double RangeCost = 0.0005;

    /// <summary>What the vector is named after belongs into the rule even where another condition would do: people should recognise it.</summary>
    private const double NamedCost = -0.0005;

    /// <summary>Sources are easily forged and change during an attack: a rule names one only when that spares much.</summary>
    private const double SourceCost = 0.01;

    /// <summary>Set, of those looked at: SYN; SYN+ACK; RST; ACK alone or with PSH, FIN; ACK alone.</summary>
    private static readonly (byte Flags, byte Mask)[] KnownFlags = [(0x02, 0x12), (0x12, 0x12), (0x04, 0x04), (0x10, 0x16), (0x10, 0x1F)];

    public static IReadOnlyList<RuleComponent> Of(IReadOnlyList<Flow> attack, string vector)
    {
        var total = attack.Sum(f => f.Weight());
        var found = new List<RuleComponent>();

        void Propose(RuleDimension dimension, TrafficMatch match, double cost)
        {
            if (dimension == Hint(vector)) cost += NamedCost - ComponentCost;
            else if (dimension is RuleDimension.TcpFlags or RuleDimension.IcmpType) cost += MeaningCost - ComponentCost;
            found.Add(new RuleComponent(dimension, match, cost));
        }

        void ProposeRanges(RuleDimension dimension, IReadOnlyList<ValueRange> ranges, Func<IReadOnlyList<ValueRange>, TrafficMatch> match)
        {
            if (ranges.Count == 0) return;
            var candidate = match(ranges);
            if (!found.Exists(f => f.Dimension == dimension && Same(f.Match, candidate)))
                Propose(dimension, candidate, ComponentCost + RangeCost * (ranges.Count - 1));
        }

        void ProposeIfShared(RuleDimension dimension, TrafficMatch match)
        {
            if (attack.Sum(f => match.Matches(f) ? f.Weight() : 0) >= Shares[^1] * total) Propose(dimension, match, ComponentCost);
        }

        foreach (var share in Shares)
        {
            ProposeRanges(RuleDimension.Protocol, Count(attack, f => f.Protocol).Covering(share, 256, MaxRanges), r => new() { Protocols = Values(r) });
            ProposeRanges(RuleDimension.IcmpType, Count(attack, f => f.IsIcmp() ? f.DestinationPort >> 8 : null).Covering(share, MaxRanges, 64), r => new() { IcmpTypes = r });
            ProposeRanges(RuleDimension.SourcePort, Count(attack, f => f.HasPorts() ? f.SourcePort : null).Covering(share, MaxRanges, MaxPorts), r => new() { SourcePorts = r });
            ProposeRanges(RuleDimension.DestinationPort, Count(attack, f => f.HasPorts() ? f.DestinationPort : null).Covering(share, MaxRanges, MaxPorts), r => new() { DestinationPorts = r });
            var lengths = Count(attack, f => f.MeanLength is > 0 and <= 65535 ? f.MeanLength : null);
            ProposeRanges(RuleDimension.Length, lengths.Covering(share, MaxLengthRanges, MaxLengths), r => new() { PacketLengths = r });
            if (lengths.Quantile(share) is { } shortest and >= LongPacket)
                ProposeRanges(RuleDimension.Length, [new ValueRange(shortest, 65535)], r => new() { PacketLengths = r });
        }
        if (!found.Exists(f => f.Dimension == RuleDimension.Protocol)) ProposeIfShared(RuleDimension.Protocol, new() { Protocols = RareProtocols });

        // A flood draws its ports at random; the answers of the services that a host talks to come from below 1024.
        ProposeIfShared(RuleDimension.SourcePort, new() { SourcePorts = [new ValueRange(1024, 65535)] });
        ProposeIfShared(RuleDimension.DestinationPort, new() { DestinationPorts = [new ValueRange(1024, 65535)] });
        ProposeIfShared(RuleDimension.Fragment, new() { Fragment = true });
        foreach (var (flags, mask) in KnownFlags) ProposeIfShared(RuleDimension.TcpFlags, new() { TcpFlags = flags, TcpFlagsMask = mask });
        if (CommonestFlags(attack) is { } exact) ProposeIfShared(RuleDimension.TcpFlags, new() { TcpFlags = exact, TcpFlagsMask = 0x3F });
        if (CommonSource(attack, total) is { } source) Propose(RuleDimension.Source, new() { Source = source }, SourceCost);
        return found;
    }

    /// <summary>Everything but what most hosts need: ICMP, TCP, UDP, GRE, ESP and ICMPv6.</summary>
    private static readonly IReadOnlyList<byte> RareProtocols =
        [.. Enumerable.Range(0, 256).Where(p => p is not (1 or 6 or 17 or 47 or 50 or 58)).Select(p => (byte)p)];

    private static RuleDimension? Hint(string vector) => vector switch
    {
        Vectors.SynFlood or Vectors.SynAckReflection or Vectors.RstReflection or Vectors.AckFlood or Vectors.TcpFlagsFlood => RuleDimension.TcpFlags,
        Vectors.IcmpFlood => RuleDimension.IcmpType,
        Vectors.FragmentFlood => RuleDimension.Fragment,
        Vectors.UdpReflection => RuleDimension.SourcePort,
        _ => Vectors.Reflection.Any(r => r.Vector == vector) ? RuleDimension.SourcePort : null,
    };

    private static ValueRanges Count(IReadOnlyList<Flow> flows, Func<Flow, int?> field)
    {
        var counts = new ValueRanges();
        foreach (var flow in flows)
        {
            if (field(flow) is { } value) counts.Add(value, flow.Weight());
            else counts.AddUnmatchable(flow.Weight());
        }
        return counts;
    }

    private static IReadOnlyList<byte> Values(IReadOnlyList<ValueRange> ranges) =>
        [.. ranges.SelectMany(r => Enumerable.Range(r.From, r.To - r.From + 1)).Select(v => (byte)v)];

    private static bool Same(TrafficMatch a, TrafficMatch b) =>
        a.Protocols.SequenceEqual(b.Protocols) && a.IcmpTypes.SequenceEqual(b.IcmpTypes) && a.SourcePorts.SequenceEqual(b.SourcePorts)
        && a.DestinationPorts.SequenceEqual(b.DestinationPorts) && a.PacketLengths.SequenceEqual(b.PacketLengths);

    private static byte? CommonestFlags(IReadOnlyList<Flow> attack) =>
        attack.Where(f => f.Protocol == 6).GroupBy(f => (byte)(f.TcpFlags & 0x3F))
            .OrderByDescending(g => g.Sum(f => f.Weight())).ThenBy(g => g.Key).Select(g => (byte?)g.Key).FirstOrDefault();

    /// <summary>The longest prefix that nearly all sources share, if it is narrow enough to mean somebody: /16 and longer, /32 and longer for IPv6.</summary>
    private static Prefix? CommonSource(IReadOnlyList<Flow> attack, double total)
    {
        Prefix? common = null;
        var inside = attack;
        foreach (var length in (ReadOnlySpan<int>)[16, 20, 24, 28, 32, 48, 56, 64, 128])
        {
            var heaviest = inside.Where(f => f.Source.Bits >= length).GroupBy(f => Prefix.Of(f.Source, length))
                .Select(g => (Prefix: g.Key, Flows: g.ToArray())).OrderByDescending(g => g.Flows.Sum(f => f.Weight())).ThenBy(g => g.Prefix)
                .FirstOrDefault();
            if (heaviest.Flows is null || heaviest.Flows.Sum(f => f.Weight()) < Shares[^1] * total) break;
            inside = heaviest.Flows;
            if (length >= (heaviest.Prefix.IsV4 ? 16 : 32)) common = heaviest.Prefix;
        }
        return common;
    }
}
