using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using Breakwater.Core.Metering;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Core.Detection;

/// <summary>Section <c>detection</c> of the configuration file.</summary>
public sealed class DetectionOptions
{
    /// <summary>Home hosts that are metered one by one; more are counted, not metered.</summary>
    /// <remarks>Two million hosts cost 280 MiB; an ISP's /12 of IPv4 is one million.</remarks>
    [Range(1_000, 100_000_000)]
    public int MaxHosts { get; set; } = 2_000_000;

    /// <summary>Hosts and prefixes whose traffic is taken apart by source, port and length at the same time.</summary>
    /// <remarks>Each costs about 100 KiB while it is looked at.</remarks>
    [Range(16, 60_000)]
    public int MaxWatched { get; set; } = 1_024;

    /// <summary>Take apart the traffic of ordinary hosts too, as far as there is room: finds attacks far below the thresholds.</summary>
    /// <remarks>Null: yes where no host group has thresholds of its own, as on a laptop; no at an operator who has set them.</remarks>
    [Live]
    public bool? WatchOrdinaryHosts { get; set; }

    /// <summary>How long traffic at twice a threshold must last before it counts as an attack.</summary>
    /// <remarks>At five times the threshold a quarter of it is enough, so 250 ms there become 60 ms; shorter bursts are everyday life.</remarks>
    [Live]
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan Burst { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Packets really seen, below which a threshold is not judged, whatever the sampling rate makes of them.</summary>
    /// <remarks>30 sampled packets are known to ±36 %: enough to say that something is many times too much.</remarks>
    [Live]
    [Range(1, 1_000_000)]
    public int MinSampledPackets { get; set; } = 30;

    /// <summary>An attack counts as going on while its rate is above this share of the entry level.</summary>
    /// <remarks>Leaving below the level of entry keeps an attack that hovers about it from opening and closing all the time.</remarks>
    [Live]
    [Range(0.05, 1.0)]
    public double ExitShare { get; set; } = 0.6;

    /// <summary>Quiet time after which an incident has ended.</summary>
    [Live]
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Hold { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Time after its end in which the same attack on the same target reopens its incident: pulses are one incident.</summary>
    [Live]
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan Armed { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Incidents kept in memory, open and armed.</summary>
    [Live]
    [Range(16, 1_000_000)]
    public int MaxIncidents { get; set; } = 10_000;

    /// <summary>What counts as more than usual for a host group.</summary>
    public BaselineOptions Baseline { get; set; } = new();
}

/// <summary>Home prefixes with their own thresholds (section <c>host_groups</c>).</summary>
public sealed class HostGroupOptions
{
    /// <summary>Prefixes of the group; inside the home network. The longest prefix that holds a host decides.</summary>
    public List<Prefix> Prefixes { get; set; } = [];

    /// <summary>Thresholds for traffic to a host.</summary>
    public RateLimits Inbound { get; set; } = new();

    /// <summary>Thresholds for traffic from a host.</summary>
    public RateLimits Outbound { get; set; } = new();

    /// <summary>How far mitigation goes by itself for the group; what is not set is as in <c>mitigation.modes</c>.</summary>
    public MitigationModes Modes { get; set; } = new();
}

/// <summary>The operator's own network and its groups, as the detection engine wants it.</summary>
public sealed class HomeNetwork
{
    /// <summary>Where everything is home, an attack is told of no wider prefix than this.</summary>
    private const int WidestV4 = 16, WidestV6 = 32;

    private readonly PrefixTable<short> _groups;

    /// <summary>By the number of a prefix plus one: its group.</summary>
    private readonly short[] _groupOf;
    private readonly PrefixTable<Prefix> _outermost;
    private readonly Prefix[] _prefixes;

    /// <param name="home">The operator's own prefixes; hosts in none of the groups belong to group 0, "default".</param>
    /// <param name="groups">Named groups, at most 250.</param>
    /// <exception cref="ArgumentException">More than 250 groups.</exception>
    public HomeNetwork(IReadOnlyList<Prefix> home, IReadOnlyList<KeyValuePair<string, HostGroupOptions>> groups)
    {
        if (groups.Count > 250) throw new ArgumentException("at most 250 host groups", nameof(groups));
        Home = home;
        var fallback = groups.FirstOrDefault(g => g.Key == "default").Value;
        var named = groups.Where(g => g.Key != "default").ToArray();
        GroupNames = ["default", .. named.Select(g => g.Key)];
        Inbound = [fallback?.Inbound ?? new(), .. named.Select(g => g.Value.Inbound)];
        Outbound = [fallback?.Outbound ?? new(), .. named.Select(g => g.Value.Outbound)];
        HasOwnThresholds = groups.Count > 0;
        var entries = home.Select(p => KeyValuePair.Create(p, (short)0)).ToList();
        for (var i = 0; i < named.Length; i++)
            entries.AddRange(named[i].Value.Prefixes.Select(p => KeyValuePair.Create(p, (short)(i + 1))));
        var all = entries.Select(e => e.Key).ToArray();
        _outermost = new PrefixTable<Prefix>(all.Where(p => !all.Any(other => other != p && other.Contains(p))).Select(p => KeyValuePair.Create(p, p)));
        // Who calls the whole Internet home does not mean addresses that are many receivers, and so never one victim.
        entries.AddRange(Bogons.MulticastAndBroadcast.Where(m => all.Any(p => p.Contains(m))).Select(m => KeyValuePair.Create(m, (short)-1)));
        _groups = new PrefixTable<short>(entries);
        _groupOf = [-1, .. _groups.Values];
        var first = home.Count > 0 ? home[0] : new Prefix(IpAddr.V4(0u), 0);
        _prefixes = [first, .. named.Select(g => g.Value.Prefixes.Count > 0 ? g.Value.Prefixes[0] : first)];
    }

    public IReadOnlyList<Prefix> Home { get; }

    /// <summary>True when nobody said what is home, and it was guessed from the traffic: whose a host is, is then for the reader to say.</summary>
    public bool IsInferred { get; init; }

    public IReadOnlyList<string> GroupNames { get; }
    public IReadOnlyList<RateLimits> Inbound { get; }
    public IReadOnlyList<RateLimits> Outbound { get; }

    /// <summary>True when the operator set thresholds: they, not the shape of the traffic, say how grave an attack is.</summary>
    public bool HasOwnThresholds { get; }

    /// <summary>Index into <see cref="GroupNames"/>, or -1 for an address that is not ours, or is multicast or broadcast.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public short GroupOf(in IpAddr address) => _groupOf[_groups.Find(address) + 1];

    /// <summary>True for a host that may be called infected: one of ours, or any where home was guessed from a capture.</summary>
    public bool MayAccuse(in IpAddr host) => IsInferred || GroupOf(host) >= 0;

    /// <summary>The widest prefix around an address that is home throughout; null for an address that is not ours.</summary>
    public Prefix? OutermostOf(in IpAddr address) =>
        !_outermost.TryFind(address, out var prefix) ? null
        : prefix.Length > 0 ? prefix
        : Prefix.Of(address, address.IsV4 ? WidestV4 : WidestV6);

    /// <summary>The first prefix of a group, which stands for it where a single target is wanted.</summary>
    public Prefix PrefixOf(int group) => _prefixes[group];
}
