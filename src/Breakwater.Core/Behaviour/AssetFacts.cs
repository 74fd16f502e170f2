using System.Runtime.InteropServices;
using Breakwater.Core.Behaviour.Names;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>One thing that a host said about itself.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Value">As said, printable characters only; nobody has checked it.</param>
/// <param name="FirstSeen">When it was first said.</param>
/// <param name="LastSeen">When it was last said.</param>
public sealed record AssetFact(FactKind Kind, string Value, Timestamp FirstSeen, Timestamp LastSeen);

/// <summary>A host of ours and what it said about itself, oldest first.</summary>
public sealed record Asset(IpAddr Host, IReadOnlyList<AssetFact> Facts);

/// <summary>Keeps what our hosts say about themselves: names, DHCP and TLS fingerprints, user agents, services. It accuses nobody.</summary>
/// <remarks>
/// Bounded by hosts, by facts a host, and by octets a fact, so that a host that lies without end spends its own room only. Written by the detection loop, and read
/// by anybody. A fact that is known already costs no allocation.
/// </remarks>
public sealed class AssetFacts(HomeNetwork home, BehaviourOptions options) : IBehaviour, IHear<FactObservation>, IHear<RequestObservation>
{
    /// <summary>Facts kept a host: of those of one kind the one not heard for longest makes room.</summary>
    public const int MaxFacts = 32;

    /// <summary>A browser has a few user agents and fingerprints; one kind must not crowd out the others.</summary>
    private const int MaxOfKind = 6;

    private const int MaxLength = 160;
    private const int MaxTold = 3;

    /// <summary>Facts that help people find a machine, the best first.</summary>
    private static readonly FactKind[] Telling = [FactKind.DhcpName, FactKind.MulticastName, FactKind.UpnpServer, FactKind.DhcpVendor, FactKind.UpnpType, FactKind.UserAgent];

    private readonly Lock _lock = new();
    private readonly Dictionary<IpAddr, List<Fact>> _hosts = [];

    public string Name => "assets";

    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>What is said is said again: sampling only makes it later.</remarks>
    public int WorksTo => int.MaxValue;

    /// <summary>Facts about hosts that found no room.</summary>
    public long Refused { get; private set; }

    public void Heard(in Flow flow, in FactObservation observation) => Learn(observation.Host, observation.Kind, observation.Value, flow.Start);

    public void Heard(in Flow flow, in RequestObservation observation) =>
        Learn(flow.Source, observation.IsTls ? FactKind.Ja4 : FactKind.UserAgent, observation.Signature, flow.Start);

    public void Tick(Timestamp now, ISignSink signs)
    {
    }

    /// <summary>Hosts that said something, by address.</summary>
    /// <param name="within">Only hosts in this prefix; null: all.</param>
    /// <param name="after">Only hosts with a higher address; null: from the first.</param>
    /// <param name="limit">Hosts at most.</param>
    public IReadOnlyList<Asset> Find(Prefix? within, IpAddr? after, int limit)
    {
        lock (_lock)
        {
            var hosts = _hosts.Keys.Where(h => (within is not { } prefix || prefix.Contains(h)) && (after is not { } last || h.CompareTo(last) > 0)).Order().Take(limit);
            return [.. hosts.Select(h => new Asset(h, [.. _hosts[h].Select(f => f.Say())]))];
        }
    }

    /// <summary>What a host says of itself in a sentence, the most telling first; null for a host that said nothing.</summary>
    public string? Introduce(IpAddr host)
    {
        lock (_lock)
        {
            if (!_hosts.TryGetValue(host, out var facts)) return null;
            var told = facts.Where(f => Array.IndexOf(Telling, f.Kind) >= 0).OrderBy(f => Array.IndexOf(Telling, f.Kind)).ThenByDescending(f => f.LastSeen).Take(MaxTold).Select(f => f.Say()).ToArray();
            return told.Length == 0 ? null : $"It says of itself: {string.Join(", ", told.Select(f => $"{FactNames.NameOf(f.Kind)} '{f.Value}'"))}.";
        }
    }

    private void Learn(in IpAddr host, FactKind kind, ReadOnlySpan<byte> value, Timestamp now)
    {
        if (value.IsEmpty || home.GroupOf(host) < 0) return;
        value = value[..Math.Min(value.Length, MaxLength)];
        // Only this thread writes, so it may read without the lock.
        if (_hosts.TryGetValue(host, out var facts))
        {
            foreach (ref var fact in CollectionsMarshal.AsSpan(facts))
            {
                if (fact.Kind != kind || !value.SequenceEqual(fact.Value)) continue;
                lock (_lock) fact.LastSeen = now;
                return;
            }
        }
        lock (_lock)
        {
            if (facts is null)
            {
                if (_hosts.Count >= options.MaxAssets)
                {
                    Refused++;
                    return;
                }
                _hosts[host] = facts = [];
            }
            var oldest = -1;
            var ofKind = 0;
            for (var i = 0; i < facts.Count; i++)
            {
                if (facts[i].Kind != kind) continue;
                ofKind++;
                if (oldest < 0 || facts[i].LastSeen < facts[oldest].LastSeen) oldest = i;
            }
            if (ofKind >= MaxOfKind) facts.RemoveAt(oldest);
            else if (facts.Count >= MaxFacts) return;
            facts.Add(new Fact { Kind = kind, Value = value.ToArray(), FirstSeen = now, LastSeen = now });
        }
    }

    private struct Fact
    {
        public FactKind Kind;
        public byte[] Value;
        public Timestamp FirstSeen;
        public Timestamp LastSeen;

        public readonly AssetFact Say() => new(Kind, NameText.Of(Value), FirstSeen, LastSeen);
    }
}
