using Breakwater.Core.Mitigations;

namespace Breakwater.Engine.Dots;

/// <summary>From the traffic that a request names to rules that do the provider's action to it.</summary>
/// <remarks>RFC 9132 §4.4.1: a client says what to protect, and often no more than that; how is the server's affair.</remarks>
internal static class DotsRules
{
    private const byte Icmp = 1, Tcp = 6, Udp = 17, Icmp6 = 58;
    private const byte Syn = 0x02, Ack = 0x10;

    /// <summary>The rules for one match: at least one.</summary>
    public static IReadOnlyList<TrafficMatch> Of(TrafficMatch asked, MitigationAction action) => action switch
    {
        // Routes look at addresses only.
        MitigationAction.Blackhole => [new TrafficMatch { Destination = asked.Destination }],
        MitigationAction.Drop or MitigationAction.RateLimit when asked is { Protocols.Count: 0, Source: null } => Floods(asked),
        _ => [asked],
    };

    /// <summary>What floods are made of: UDP, ICMP and new connections. To drop or limit all of a target's traffic would do the attacker's work; connections that stand go on.</summary>
    private static IReadOnlyList<TrafficMatch> Floods(TrafficMatch all) =>
    [
        all with { Protocols = [all.Destination is { IsV4: false } ? Icmp6 : Icmp, Udp] },
        all with { Protocols = [Tcp], TcpFlags = Syn, TcpFlagsMask = Syn | Ack },
    ];
}
