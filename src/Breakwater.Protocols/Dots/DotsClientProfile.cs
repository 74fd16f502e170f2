using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dots;

/// <summary>A client that may ask, and for what.</summary>
/// <param name="Name">Its name in the configuration, and who wanted it in mitigations.</param>
/// <param name="Prefixes">What it may have protected; in Call Home, where sources of ours may lie.</param>
/// <param name="Hosts">Addresses of names that it may use as targets: under attack the DNS is no ground to stand on.</param>
/// <param name="IsGateway">Trusted to say for whom it asks (cdid), and to bring several cuids.</param>
/// <param name="CallHome">It asks us to stop sources of ours (RFC 9066) instead of protecting targets of its own.</param>
public sealed record DotsClientProfile(
    string Name,
    IReadOnlyList<Prefix> Prefixes,
    IReadOnlyDictionary<string, IReadOnlyList<Prefix>> Hosts,
    bool IsGateway = false,
    bool CallHome = false);
