using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;

namespace Breakwater.Engine.Dots;

/// <summary>Where requests of others become mitigations: the policy and its guard rails. Safe for use from any thread.</summary>
public interface IDotsDesk
{
    /// <summary>Longest time that the rails let a mitigation live without being asked for again.</summary>
    TimeSpan MaxLifetime { get; }

    /// <summary>Every rail's no to a request; nothing is kept.</summary>
    IReadOnlyList<Refusal> DryRun(MitigationRequest request);

    /// <summary>Asks, or asks again under the same key, which refreshes.</summary>
    /// <returns>The mitigation as it now is; null when nobody is there to ask: ask again later.</returns>
    Mitigation? Request(MitigationRequest request);

    /// <summary>The mitigation as it now is; null when it is forgotten.</summary>
    Mitigation? Find(string id);

    /// <summary>What its places have dropped so far; null where nobody counts.</summary>
    (long? Packets, long? Bytes) Dropped(string id);

    /// <summary>Takes a mitigation back.</summary>
    void Withdraw(string id, string who, string why);
}
