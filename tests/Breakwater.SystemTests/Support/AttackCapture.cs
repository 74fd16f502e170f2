namespace Breakwater.SystemTests.Support;

/// <summary>The captures of real attacks, and what must be said of each.</summary>
/// <param name="File">Name in the captures folder.</param>
/// <param name="Home">The victim's network.</param>
/// <param name="Victim">The victim.</param>
/// <param name="Vectors">Any of these names the attack rightly.</param>
internal sealed record AttackCapture(string File, string Home, string Victim, params string[] Vectors)
{
    public static IReadOnlyList<AttackCapture> All { get; } =
    [
        // 400 answers in half a minute: one in a hundred of them would be four packets, from which nobody can tell an attack.
        new("ddos-dns-rrsig-reflection-mixed.pcap", "10.10.10.0/24", "10.10.10.10", "dns-amplification") { Intensity = 10 },
        // softflowd and the like stop at the Authentication Header and report protocol 51.
        new("ddos-ipv6-ah-flood.pcap", "2001:db8:1::1/128", "2001:db8:1::1", "icmp-flood", "protocol-flood") { HardwareAddress = "64:00:6a:5b:8f:4a" },
        new("ddos-snmp-reflection.pcapng", "10.10.10.0/24", "10.10.10.10", "snmp-amplification"),
        new("ddos-synflood-dominate.pcapng", "10.10.10.0/24", "10.10.10.10", "syn-flood"),
        new("ddos-synflood-single-source-lab.pcap", "10.0.1.12/32", "10.0.1.12", "syn-flood"),
        new("ddos-tcp-synack-reflection.pcap", "10.10.10.0/24", "10.10.10.10", "syn-ack-reflection"),
    ];

    /// <summary>Times that a replay plays it, and how many times faster, so that it takes as long as it took.</summary>
    public int Intensity { get; init; } = 1;

    /// <summary>Where its frames go. Set where tcpreplay-edit cannot change that: version 4.4.3 makes every destination of IPv6 a multicast address.</summary>
    public string? HardwareAddress { get; init; }

    public string Path => SharedData.Path("captures", File);

    public static AttackCapture Named(string file) => All.Single(c => c.File == file);

    /// <summary>True for the incident that tells this story.</summary>
    public bool IsToldBy(IncidentView incident) =>
        incident is { Kind: "ddos", IsAlert: true } && incident.Target == Victim && incident.Vectors.Any(v => Vectors.Contains(v));
}
