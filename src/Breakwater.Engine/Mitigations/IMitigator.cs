using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Mitigations;

/// <summary>A way to make mitigations real: BGP sessions, a firewall, an upstream that is asked.</summary>
/// <remarks>
/// It is inert until <see cref="StartAsync"/>. It is always told the whole desired set, so that a retry, a restart and a change are
/// one code path; it works out the difference itself and makes no other change. All calls come from one thread at a time, except
/// <see cref="Status"/> and <see cref="WithdrawAllAsync"/>, which may come at any moment from any thread. What the world refuses is a
/// status with a problem, not an exception: detection and the other mitigators go on.
/// </remarks>
public interface IMitigator : IAsyncDisposable
{
    /// <summary>Its name in the composition, the configuration, metrics and the audit log: <c>bgp</c>, <c>nftables</c> …</summary>
    string Name { get; }

    /// <summary>Addresses that no mitigation may touch because this way to mitigate depends on them: peers, and our own ends of sessions.</summary>
    IReadOnlyList<Prefix> OwnAddresses => [];

    /// <summary>Why it cannot express a mitigation, in plain words; null when it can. Pure and cheap: looks at match, action, rate and target only.</summary>
    string? WhyNot(Mitigation mitigation);

    /// <summary>Opens what it needs. Does not wait for the world: a peer that is down now is up later.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Makes the world agree with the set: applies what is new, changes what changed, takes back everything else of ours.</summary>
    /// <param name="desired">All mitigations wanted now that it can express. Idempotent: the same set again changes nothing.</param>
    /// <remarks>
    /// Returns once everything is handed on (queued to the sessions, committed to the kernel), within milliseconds: it does not wait for
    /// peers. How it went is in <see cref="Status"/>. What a former run left behind and is not in the set is taken back as well.
    /// </remarks>
    Task ApplyAsync(IReadOnlyList<ClearedMitigation> desired, CancellationToken cancellation);

    /// <summary>What is held where, one line per mitigation and place. A snapshot, cheap enough to be asked once a second.</summary>
    IReadOnlyList<MitigationStatus> Status { get; }

    /// <summary>Raised when <see cref="Status"/> changed in a way that a person would want to see (not for counters). Handlers only queue.</summary>
    event Action? StatusChanged;

    /// <summary>Takes everything of ours back at once and holds nothing until the next <see cref="ApplyAsync"/>. Works while that one hangs.</summary>
    Task WithdrawAllAsync(CancellationToken cancellation);

    /// <summary>A clean stop: takes back what is marked <see cref="DeadMan.Withdraw"/> and leaves what is marked <see cref="DeadMan.Keep"/>.</summary>
    Task StopAsync(CancellationToken cancellation);
}
