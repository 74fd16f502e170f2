using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>Section <c>mitigation.bgp</c> of the configuration file: our own BGP speaker. It announces rules and blackholes, and installs nothing. Without peers it does nothing.</summary>
public sealed class BgpOptions : IValidatableObject
{
    /// <summary>Our AS number.</summary>
    [Range(0, 4294967295)]
    public uint As { get; set; }

    /// <summary>Our BGP identifier, usually an IPv4 address of this machine.</summary>
    public IpAddr? RouterId { get; set; }

    /// <summary>Local addresses and TCP ports on which peers may connect to us: [0.0.0.0:179, "[::]:179"]. None: we connect, nobody else does.</summary>
    /// <remarks>Ports below 1024 need CAP_NET_BIND_SERVICE. Connections from addresses that are no peers are closed at once.</remarks>
    [MaxLength(16)]
    public IReadOnlyList<IPEndPoint> Listen { get; set; } = [];

    public BmpOptions Bmp { get; set; } = new();

    /// <summary>Routers and route servers that take our announcements, by name.</summary>
    [MaxLength(256)]
    public Dictionary<string, BgpPeerOptions> Peers { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Peers.Count == 0) yield break;
        if (As is 0 or BgpOpen.AsTrans) yield return new ValidationResult("is needed to speak BGP", ["as"]);
        if (RouterId is not { IsV4: true } id || id.V4Bits == 0) yield return new ValidationResult("must be an IPv4 address, and not 0.0.0.0", ["router_id"]);
        foreach (var (name, peer) in Peers)
        {
            foreach (var (key, problem) in peer.Problems(As)) yield return new ValidationResult(problem, [$"peers.{name}.{key}"]);
            if (peer.Passive && Listen.Count == 0) yield return new ValidationResult("waits for the peer to connect, but mitigation.bgp.listen is empty", [$"peers.{name}.passive"]);
        }
        foreach (var twice in Peers.GroupBy(p => p.Value.Address).Where(g => g.Count() > 1))
            yield return new ValidationResult($"is the address of {string.Join(" and ", twice.Select(p => p.Key))}: one session per address", [$"peers.{twice.Last().Key}.address"]);
    }
}

/// <summary>Families of routes that a peer may be offered.</summary>
public enum BgpPeerFamily { Ipv4Unicast, Ipv6Unicast, Ipv4Flowspec, Ipv6Flowspec }

/// <summary>How a rule says "send it to this address".</summary>
public enum BgpRedirectForm
{
    /// <summary>Extended communities 0x010c and, for IPv6, 0x000c.</summary>
    Address,

    /// <summary>Extended community 0x0800 and the next hop of the route, which older routers understand.</summary>
    NextHop,
}

/// <summary>Section <c>mitigation.bgp.peers.NAME</c>.</summary>
public sealed class BgpPeerOptions
{
    /// <summary>Address of the peer.</summary>
    public IpAddr? Address { get; set; }

    /// <summary>TCP port of the peer.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 179;

    /// <summary>AS number of the peer; our own for iBGP.</summary>
    [Range(1, 4294967295)]
    public uint As { get; set; }

    /// <summary>Address of ours to speak from; not set: what the routing table says.</summary>
    public IpAddr? LocalAddress { get; set; }

    /// <summary>Wait for the peer to connect; never connect to it.</summary>
    public bool Passive { get; set; }

    /// <summary>What to announce: flowspec families take rules, unicast families take blackholes.</summary>
    [MinLength(1)]
    public IReadOnlyList<BgpPeerFamily> Families { get; set; } = [BgpPeerFamily.Ipv4Unicast, BgpPeerFamily.Ipv6Unicast, BgpPeerFamily.Ipv4Flowspec, BgpPeerFamily.Ipv6Flowspec];

    /// <summary>File with the secret of TCP-MD5 (RFC 2385), at most 80 octets; a line break at its end does not count.</summary>
    public string? Md5SecretFile { get; set; }

    /// <summary>Name of the environment variable with the secret of TCP-MD5.</summary>
    public string? Md5SecretEnv { get; set; }

    /// <summary>TTL security (GTSM, RFC 5082): the most hops that the peer may be away, 1 for a direct neighbour; 0 to leave it out.</summary>
    [Range(0, 254)]
    public int TtlSecurityHops { get; set; }

    /// <summary>Time without a message after which the peer counts as dead: 0 for never, or at least 3s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "18:12:15")]
    public TimeSpan HoldTime { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>What we are to the peer (RFC 9234): customer of a transit provider, peer at an exchange, route-server-client.</summary>
    public BgpRole? Role { get; set; }

    /// <summary>Refuse a peer that does not say what it is to us.</summary>
    public bool StrictRole { get; set; }

    /// <summary>Offer graceful restart (RFC 4724): the peer keeps our announcements this long after losing us. 0: they go when the session goes.</summary>
    /// <remarks>A choice between two evils: rules that nobody watches for a while, or no protection while we restart.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "01:08:15")]
    public TimeSpan GracefulRestart { get; set; }

    /// <summary>Routes that the peer may send us. They are counted and dropped; more end the session for five minutes.</summary>
    [Range(1, 1_000_000)]
    public int MaxPrefixes { get; set; } = 1000;

    /// <summary>Communities of everything that is announced: 64500:1, large ones 64500:1:2, no-export, no-advertise.</summary>
    [MaxLength(60)]
    public IReadOnlyList<string> Communities { get; set; } = [];

    /// <summary>Communities of blackholes; most upstreams ask for one of their own.</summary>
    [MaxLength(60)]
    public IReadOnlyList<string> BlackholeCommunities { get; set; } = ["blackhole", "no-export"];

    /// <summary>Communities of source-based blackholes (RFC 5635); none: this peer gets none of those.</summary>
    /// <remarks>The peer's routers must drop packets from such a prefix, by loose reverse path checks towards its discard next hop.</remarks>
    [MaxLength(60)]
    public IReadOnlyList<string> SourceBlackholeCommunities { get; set; } = [];

    /// <summary>Next hop of IPv4 blackholes; not set: our own address of the session.</summary>
    public IpAddr? NextHopV4 { get; set; }

    /// <summary>Next hop of IPv6 blackholes; not set: our own address of the session.</summary>
    public IpAddr? NextHopV6 { get; set; }

    /// <summary>LOCAL_PREF towards a peer of our own AS.</summary>
    [Range(0, 4294967295)]
    public uint LocalPreference { get; set; } = 100;

    /// <summary>How redirection to an address is written.</summary>
    public BgpRedirectForm RedirectForm { get; set; }

    /// <summary>Address from which the peer's router speaks BMP to <c>mitigation.bgp.bmp</c>; not set: <c>address</c>.</summary>
    public IpAddr? BmpAddress { get; set; }

    internal IpAddr? MonitoredFrom => BmpAddress ?? Address;

    /// <summary>What is wrong with the section, by key.</summary>
    internal IEnumerable<(string Key, string Problem)> Problems(uint ownAs)
    {
        if (Address is null) yield return ("address", "is needed");
        if (As == 0) yield return ("as", "is needed");
        if (LocalAddress is { } local && local.IsV4 != (Address?.IsV4 ?? local.IsV4)) yield return ("local_address", "is not of the peer's address family");
        if (Md5SecretFile is not null && Md5SecretEnv is not null) yield return ("md5_secret_env", "the secret comes from a file or from the environment, not from both");
        if (HoldTime > TimeSpan.Zero && HoldTime < TimeSpan.FromSeconds(3)) yield return ("hold_time", "must be 0 or at least 3s");
        if (Role is not null && As == ownAs) yield return ("role", "is between different ASes only");
        if (NextHopV4 is { IsV4: false }) yield return ("next_hop_v4", "is not an IPv4 address");
        if (NextHopV6 is { IsV4: true }) yield return ("next_hop_v6", "is not an IPv6 address");
        foreach (var (key, list) in new[] { ("communities", Communities), ("blackhole_communities", BlackholeCommunities), ("source_blackhole_communities", SourceBlackholeCommunities) })
            foreach (var text in list)
                if (!BgpCommunity.TryParse(text, out _) && !BgpLargeCommunity.TryParse(text, out _)) yield return (key, $"'{text}' is not a community such as 64500:1, 64500:1:2, no-export or blackhole");
    }

    internal IReadOnlyList<BgpFamily> OfferedFamilies => [.. Families.Distinct().Select(f => f switch
    {
        BgpPeerFamily.Ipv4Unicast => BgpFamily.Ipv4Unicast,
        BgpPeerFamily.Ipv6Unicast => BgpFamily.Ipv6Unicast,
        BgpPeerFamily.Ipv4Flowspec => BgpFamily.Ipv4FlowSpec,
        _ => BgpFamily.Ipv6FlowSpec,
    })];
}
