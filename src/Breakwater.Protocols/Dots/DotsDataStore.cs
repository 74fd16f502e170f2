using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;

namespace Breakwater.Protocols.Dots;

/// <summary>What clients have told over the data channel: aliases and filters. Bounded, told the time, safe for use from several threads.</summary>
/// <remarks>RFC 8783 §4.1; what is not refreshed for a week goes (§3.5, §6.1).</remarks>
public sealed class DotsDataStore : IDotsDirectory
{
    internal const int MaxEntries = 256;
    private const int MaxCuids = 64;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Client, string Cuid), Entries> _all = [];

    public DotsScope? Alias(DotsClientProfile client, string cuid, string name)
    {
        lock (_gate) return Find(client, cuid)?.Aliases.GetValueOrDefault(name)?.Scope;
    }

    public bool Switch(DotsClientProfile client, string cuid, DotsFilterSwitch filter)
    {
        lock (_gate)
        {
            if (Find(client, cuid) is not { } entries || !entries.Filters.TryGetValue(filter.Name, out var known)) return false;
            known.Json["activation-type"] = DotsLabels.ActivationType[(int)filter.Activation - 1];
            entries.Filters[filter.Name] = known with { Activation = filter.Activation };
            return true;
        }
    }

    /// <summary>Rules that filters ask for now: of those in force at once, and of those for mitigations while their client has one.</summary>
    /// <param name="isMitigating">Whether a mitigation for a client is in force.</param>
    public IReadOnlyList<DotsRule> Rules(Func<string, bool> isMitigating)
    {
        lock (_gate)
        {
            var rules = new List<DotsRule>();
            foreach (var ((client, cuid), entries) in _all)
            {
                foreach (var filter in entries.Filters.Values)
                {
                    if (!(filter.Activation == DotsActivation.Immediate || filter.Activation == DotsActivation.WhenMitigating && isMitigating(client))) continue;
                    foreach (var entry in filter.Entries) rules.AddRange(RulesOf($"{client}/{cuid}/{filter.Name}", entries.Client, entry));
                }
            }
            return rules;
        }
    }

    /// <summary>Forgets what was not refreshed.</summary>
    public void Tick(Timestamp now)
    {
        lock (_gate)
            foreach (var (key, entries) in _all)
                if (entries.Expires <= now) _all.Remove(key);
    }

    internal T Do<T>(DotsClientProfile client, Timestamp now, Func<DataOfClient, T> act)
    {
        lock (_gate) return act(new DataOfClient(this, client, now));
    }

    /// <summary>An entry without a destination is about all of its client's prefixes (RFC 8783 §4.1: the destination is the client's domain).</summary>
    private static IEnumerable<DotsRule> RulesOf(string filter, DotsClientProfile client, DotsFilterEntry entry)
    {
        if (entry.Match is not { } match || !entry.Drop && entry.RateBitsPerSecond is null) yield break;
        foreach (var target in match.Destination is { } own ? [own] : client.Prefixes)
            if (match.Source is not { } source || source.IsV4 == target.IsV4)
                yield return new DotsRule($"{filter}/{entry.Name}/{target}", client, match with { Destination = target }, entry.Drop ? null : entry.RateBitsPerSecond);
    }

    private Entries? Find(DotsClientProfile client, string cuid) => _all.GetValueOrDefault((client.Name, cuid));

    /// <summary>One client's part, under the lock.</summary>
    internal readonly struct DataOfClient(DotsDataStore store, DotsClientProfile client, Timestamp now)
    {
        public DotsClientProfile Client => client;

        public Entries? Find(string cuid)
        {
            var entries = store.Find(client, cuid);
            if (entries is not null) entries.Expires = now + Lifetime;
            return entries;
        }

        /// <summary>True when another client has this cuid.</summary>
        public bool IsOthers(string cuid)
        {
            var own = client.Name;
            return store._all.Keys.Any(k => k.Cuid == cuid && k.Client != own);
        }

        /// <summary>Null when there is no room.</summary>
        public Entries? Add(string cuid)
        {
            var own = client.Name;
            if (store._all.Keys.Count(k => k.Client == own) >= MaxCuids) return null;
            return store._all[(client.Name, cuid)] = new Entries(client) { Expires = now + Lifetime };
        }

        public bool Remove(string cuid) => store._all.Remove((client.Name, cuid));

        public int PendingMinutes(Entries entries) => (int)(entries.Expires - now).TotalMinutes;
    }

    internal sealed class Entries(DotsClientProfile client)
    {
        public DotsClientProfile Client { get; } = client;
        public Dictionary<string, DotsAlias> Aliases { get; } = [];
        public Dictionary<string, DotsFilter> Filters { get; } = [];
        public Timestamp Expires { get; set; }
    }
}

/// <param name="Json">As the client gave it.</param>
internal sealed record DotsAlias(string Name, DotsScope Scope, JsonObject Json);

/// <summary>A rule that a filter asks for.</summary>
/// <param name="RateBitsPerSecond">Null to drop.</param>
public sealed record DotsRule(string Id, DotsClientProfile Client, TrafficMatch Match, double? RateBitsPerSecond);
