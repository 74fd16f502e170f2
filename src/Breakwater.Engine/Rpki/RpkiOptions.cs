using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Rpki;

/// <summary>Section <c>rpki</c> of the configuration file: a validating cache (Routinator, rpki-client with StayRTR, FORT) that is asked over RTR whether our routes are as their ROAs say. Off without an address.</summary>
public sealed class RpkiOptions : IValidatableObject
{
    /// <summary>Address and TCP port of the cache: "192.0.2.10:3323". Not set: no cache is asked.</summary>
    /// <remarks>The protocol has neither encryption nor proof of who speaks: use a cache on this machine or on the management network.</remarks>
    public IPEndPoint? Cache { get; set; }

    /// <summary>Prefixes of ours that are announced to the Internet; empty: home, without private space.</summary>
    [MaxLength(10_000)]
    public IReadOnlyList<Prefix> Announced { get; set; } = [];

    /// <summary>AS numbers that announce them; empty: the one of mitigation.bgp.</summary>
    [MaxLength(100)]
    public IReadOnlyList<uint> Origins { get; set; } = [];

    /// <summary>Time from a good answer to the next question; not set: what the cache says, usually an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan? Refresh { get; set; }

    /// <summary>Time from a failed attempt to the next; not set: what the cache says, usually ten minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "02:00:00")]
    public TimeSpan? Retry { get; set; }

    /// <summary>Longest time that data is used without a cache that confirms it; not set: what the cache says, usually two hours. Never longer than that.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "2.00:00:00")]
    public TimeSpan? Expire { get; set; }

    /// <summary>Payloads held at most; a cache that has more is refused.</summary>
    /// <remarks>The Internet had 700,000 in 2026, which take about 60 MiB; while all are read anew, twice that.</remarks>
    [Range(1_000, 50_000_000)]
    public int MaxRoas { get; set; } = 3_000_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Origins.Contains(0u)) yield return new ValidationResult("AS 0 announces nothing (RFC 7607)", ["origins"]);
    }
}
