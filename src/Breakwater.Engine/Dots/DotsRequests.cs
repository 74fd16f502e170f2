using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>Between the demands of DOTS clients and the desk where they become mitigations: asks, renews while the demand stands, takes back, and reports.</summary>
internal sealed class DotsRequests(IDotsDesk desk, DotsDataStore? store, IReadOnlyDictionary<string, DotsClientOptions> clients, DotsCallHome callHome, ILogger logger) : IDotsPolicy
{
    /// <summary>A demand that stands is fresh evidence each time: it is renewed well before the rails would end it.</summary>
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, Standing> _standing = [];
    private readonly Dictionary<string, (Timestamp NextAsk, string? Mitigation, string Client)> _filters = [];
    private long _version = -1;

    public string? Refuses(DotsDemand demand)
    {
        foreach (var request in Requests(demand, desk.MaxLifetime))
            foreach (var refusal in desk.DryRun(request))
                if (!WaitsForAPerson(refusal.Rail)) return refusal.ToString();
        return null;
    }

    /// <summary>Makes the desk agree with the demands, and tells the server how they fare.</summary>
    public void Reconcile(Timestamp now, DotsServer server)
    {
        if (server.Version != _version)
        {
            _version = server.Version;
            var demands = server.Demands().ToDictionary(d => d.Id);
            foreach (var (id, over) in _standing.Where(s => !demands.ContainsKey(s.Key)).ToArray())
            {
                foreach (var mitigation in over.Mitigations)
                    if (desk.Find(mitigation) is { IsOver: false }) desk.Withdraw(mitigation, over.Demand.Client.Name, "the request is over");
                _standing.Remove(id);
                logger.DotsRequestOver(id);
            }
            foreach (var (id, demand) in demands)
            {
                if (_standing.TryGetValue(id, out var before))
                {
                    if (before.Demand.Expires != demand.Expires) before.NextAsk = now;
                    before.Demand = demand;
                }
                else
                {
                    _standing[id] = new Standing(demand);
                    var targets = string.Join("; ", demand.Matches.Select(m => m.Describe()));
                    if (demand.Client.CallHome) logger.DotsCallHomeRequested(demand.Client.Name, targets);
                    else logger.DotsRequested(demand.Client.Name, targets);
                }
            }
        }
        foreach (var standing in _standing.Values)
        {
            if (standing.NextAsk <= now && !standing.IsRefused) Ask(now, standing);
            var (status, effect) = Progress(standing);
            server.Report(now, standing.Demand.Id, status, effect, IsCalledLegitimate(standing) ? new DotsConflict(DotsConflictCause.LegitimateTraffic) : null);
            standing.IsRefused = status == DotsStatus.WithdrawnByServer;
        }
    }

    /// <summary>Makes the desk agree with the filters of the data channel.</summary>
    public void ReconcileFilters(Timestamp now)
    {
        if (store is null) return;
        store.Tick(now);
        var rules = store.Rules(client => _standing.Values.Any(s => s.Demand.Client.Name == client)).ToDictionary(r => r.Id);
        foreach (var (id, over) in _filters.Where(f => !rules.ContainsKey(f.Key)).ToArray())
        {
            if (over.Mitigation is { } mitigation && desk.Find(mitigation) is { IsOver: false }) desk.Withdraw(mitigation, over.Client, "its filter is no longer in force");
            _filters.Remove(id);
        }
        foreach (var (id, rule) in rules)
        {
            if (_filters.TryGetValue(id, out var known) && known.NextAsk > now) continue;
            // Refused by a rail it is asked for again each time, as an approval or a quieter minute may let it pass.
            var asked = desk.Request(new MitigationRequest(MitigationOrigin.DotsClient, rule.Client.Name, rule.Match,
                rule.RateBitsPerSecond is null ? MitigationAction.Drop : MitigationAction.RateLimit, desk.MaxLifetime, $"filter {id} of DOTS client {rule.Client.Name}")
            {
                RateBitsPerSecond = rule.RateBitsPerSecond,
                RequesterPrefixes = rule.Client.Prefixes,
                Key = "filter " + id,
            });
            _filters[id] = (now + RenewEvery, asked?.Id, rule.Client.Name);
        }
    }

    private void Ask(Timestamp now, Standing standing)
    {
        standing.NextAsk = now + RenewEvery;
        var remaining = standing.Demand.Expires == Timestamp.Max ? desk.MaxLifetime : standing.Demand.Expires - now;
        standing.Mitigations = [.. Requests(standing.Demand, remaining < desk.MaxLifetime ? remaining : desk.MaxLifetime).Select(r => desk.Request(r)?.Id).OfType<string>()];
    }

    /// <summary>The request is as far as its least advanced part.</summary>
    private (DotsStatus Status, DotsEffect Effect) Progress(Standing standing)
    {
        var status = DotsStatus.Mitigated;
        long? packets = null, bytes = null;
        foreach (var id in standing.Mitigations)
        {
            var part = desk.Find(id)?.State switch
            {
                MitigationState.Active => DotsStatus.Mitigated,
                MitigationState.Failed => DotsStatus.ExceededCapability,
                MitigationState.Refused or MitigationState.Withdrawn => DotsStatus.WithdrawnByServer,
                _ => DotsStatus.InProgress,
            };
            if (Weight(part) > Weight(status)) status = part;
            var dropped = desk.Dropped(id);
            packets = dropped.Packets is { } p ? (packets ?? 0) + p : packets;
            bytes = dropped.Bytes is { } b ? (bytes ?? 0) + b : bytes;
        }
        return (standing.Mitigations.Count == 0 ? DotsStatus.InProgress : status, new DotsEffect((ulong?)bytes, (ulong?)packets));
    }

    /// <summary>A person has said no: what the provider calls an attack is none (RFC 9066 §5.3.1).</summary>
    private bool IsCalledLegitimate(Standing standing) =>
        standing.Demand.Client.CallHome && standing.Mitigations.Any(id => desk.Find(id) is { State: MitigationState.Refused, RefusedBy: Refusal.Operator });

    private static int Weight(DotsStatus status) => status switch { DotsStatus.Mitigated => 0, DotsStatus.InProgress => 1, DotsStatus.ExceededCapability => 2, _ => 3 };

    private IEnumerable<MitigationRequest> Requests(DotsDemand demand, TimeSpan lifetime)
    {
        var client = demand.Client;
        var options = clients.GetValueOrDefault(client.Name) ?? new DotsClientOptions();
        var (action, rate) = client.CallHome ? callHome.ActionFor(client) : (options.Action, options.RateBitsPerSecond);
        var number = 0;
        foreach (var match in demand.Matches.SelectMany(m => DotsRules.Of(m, action)))
        {
            yield return new MitigationRequest(client.CallHome ? MitigationOrigin.CallHome : MitigationOrigin.DotsClient, client.Name, match, action, lifetime,
                client.CallHome ? $"{client.Name} says that {match.Source} attacks {match.Destination}" : $"DOTS client {client.Name} asks to protect {match.Destination}")
            {
                RateBitsPerSecond = action == MitigationAction.RateLimit ? rate : null,
                RequesterPrefixes = client.Prefixes,
                Key = string.Create(CultureInfo.InvariantCulture, $"{demand.Id}/{number++}"),
            };
        }
    }

    /// <summary>What a person may still allow: the request waits, and its client sees that setup is in progress.</summary>
    private static bool WaitsForAPerson(string rail) => rail is "mode" or "two-person";

    private sealed class Standing(DotsDemand demand)
    {
        public DotsDemand Demand { get; set; } = demand;
        public IReadOnlyList<string> Mitigations { get; set; } = [];
        public Timestamp NextAsk { get; set; } = Timestamp.Min;
        public bool IsRefused { get; set; }
    }
}
