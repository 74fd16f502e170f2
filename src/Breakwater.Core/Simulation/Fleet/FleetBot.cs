using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation.Fleet;

/// <summary>What a bot of the fleet does, besides what its host does anyway.</summary>
public enum BotKind
{
    /// <summary>Tries Telnet all over the Internet and guesses passwords where it is let in, as Mirai and its kin.</summary>
    TelnetWorm,

    /// <summary>Tries one service of one address every few minutes.</summary>
    SlowScanner,

    /// <summary>Calls its controller by HTTPS about once a minute, at times blurred by dice, and seldom hears anything.</summary>
    Beacon,

    /// <summary>Delivers mail to hundreds of mail servers.</summary>
    SpamBot,

    /// <summary>Guesses passwords of one SSH server after the other.</summary>
    SshGuesser,

    /// <summary>Floods whom its controller names, for half a minute at a time.</summary>
    Flooder,
}

/// <summary>One infected host of the fleet: the truth that detectors are checked against.</summary>
/// <param name="Host">Whose it is.</param>
/// <param name="Kind">What it does.</param>
/// <param name="From">Since when; before, the host is as any other.</param>
public sealed record FleetBot(IpAddr Host, BotKind Kind, Timestamp From);
