using System.ComponentModel.DataAnnotations;

namespace Breakwater.Protocols.Dots;

/// <summary>Section <c>dots.server.limits</c>: what the server grants, and how much one client may cost.</summary>
public sealed class DotsServerOptions
{
    /// <summary>Longest lifetime that is granted; a client that asks for more, or for no end, gets this.</summary>
    /// <remarks>An hour is what RFC 9132 recommends to ask for; a client that is alive refreshes.</remarks>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Grants requests without an end as such.</summary>
    public bool IndefiniteLifetime { get; set; }

    /// <summary>How long a mitigation goes on after its client withdrew it, so that routes do not flap.</summary>
    /// <remarks>RFC 9132 §4.4.4: 120 s, doubling up to 300 s when the client asks again meanwhile.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan TerminatingPeriod { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>Pause between two status messages to a client that observes, while nothing changes.</summary>
    /// <remarks>Messages are lost under attack, so they are repeated; more often than every 3 s is forbidden (RFC 9132 §4.4.2.1).</remarks>
    [Range(typeof(TimeSpan), "00:00:03", "00:10:00")]
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Shortest pause between heartbeats that a client may configure.</summary>
    /// <remarks>RFC 9132 §4.5.2 recommends 15 s, for RFC 8085 forbids less on the Internet. A line of your own may have less, and its loss is noticed sooner.</remarks>
    [Range(typeof(TimeSpan), "00:00:01", "00:04:00")]
    public TimeSpan MinHeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Requests that one client may have at a time; one more is refused with 5.03.</summary>
    [Range(1, 10_000)]
    public int MaxRequestsPerClient { get; set; } = 100;

    /// <summary>Messages that one client may send per minute; more are refused with 4.29.</summary>
    /// <remarks>A client with heartbeats, refreshes and ten new requests a minute stays below half of it.</remarks>
    [Range(1, 100_000)]
    public int MessagesPerMinute { get; set; } = 120;

    /// <summary>Prefixes that one request may name, those of its aliases and names included.</summary>
    [Range(1, 1000)]
    public int MaxTargetsPerRequest { get; set; } = 64;

    /// <summary>Observations that one session may hold.</summary>
    [Range(1, 1000)]
    public int MaxObservationsPerSession { get; set; } = 32;

    /// <summary>Longest body that is put together from blocks, in octets.</summary>
    [Range(1024, 1_048_576)]
    public int MaxBody { get; set; } = 16_384;
}
