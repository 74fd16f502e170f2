using System.Security.Cryptography;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Protocols.CrowdSec;

namespace Breakwater.Server.Api;

/// <summary>What each bouncer has been told, so that it is told only what changed. Thread-safe.</summary>
internal sealed class BouncerFeed(ApiOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<long, Decision>> _told = [];

    /// <summary>The bouncer with this key; null for none. Looks at every key, so that the time taken tells nothing.</summary>
    public ApiBouncer? Find(string key)
    {
        var hash = ApiToken.Hash(key);
        ApiBouncer? found = null;
        foreach (var bouncer in options.Bouncers)
            if (CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(bouncer.Sha256))) found = bouncer;
        return found;
    }

    /// <summary>Decisions in force.</summary>
    public static IReadOnlyList<Decision> InForce(IEnumerable<Mitigation> mitigations, Timestamp now) =>
        [.. mitigations.Select(Decision.Of).OfType<Decision>().Where(d => d.Until > now)];

    /// <summary>What is new and what is gone since the bouncer asked last.</summary>
    /// <param name="startup">True when it begins with nothing, and wants all there is.</param>
    public (IReadOnlyList<Decision> New, IReadOnlyList<Decision> Deleted) Changes(string bouncer, IReadOnlyList<Decision> inForce, bool startup)
    {
        lock (_gate)
        {
            var before = startup ? [] : _told.GetValueOrDefault(bouncer) ?? [];
            var now = inForce.DistinctBy(d => d.Id).ToDictionary(d => d.Id);
            _told[bouncer] = now;
            // One that was renewed is told again: the bouncer would let it go at its old time.
            return ([.. now.Values.Where(d => before.GetValueOrDefault(d.Id) != d)], [.. before.Values.Where(d => !now.ContainsKey(d.Id))]);
        }
    }
}
