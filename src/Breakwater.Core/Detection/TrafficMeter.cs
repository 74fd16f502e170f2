using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Breakwater.Core.Flows;
using Breakwater.Core.Metering;
using Breakwater.Core.Net;

namespace Breakwater.Core.Detection;

/// <summary>The hot path: counts each flow for its home hosts and prefixes, and hands the flows of watched ones to their watch.</summary>
/// <remarks>
/// A flow costs two cache misses at a million hosts, one for the index and one for the counters. Flows are therefore placed
/// <see cref="Stride"/> at a time: first all index cells are asked for, then all counters, then everything is counted.
/// </remarks>
internal sealed class TrafficMeter : IDisposable
{
    private const int Stride = 64;

    /// <summary>Ordinary prefixes are looked at closely in small networks only: in a large one that would be nearly all traffic twice.</summary>
    private const int OrdinaryPrefixWatches = 16;

    /// <summary>Targets up to which anything with traffic is looked at; with four times as many only suspects are.</summary>
    public const int OrdinaryWatches = 64;

    /// <summary>Shares of the alarm level from which a target is worth a closer look; less of what ordinary hosts seldom get.</summary>
    private static readonly Vector256<float> Suspicion = Vector256.Create(0.25f, 0.25f, 0.25f, 0.06f, 0.06f, 0.25f, 0.03f, 0.03f);

    /// <summary>A level never stands above this many seconds, so that it falls soon after an attack.</summary>
    private const float LevelCap = 4f;

    /// <summary>Largest records that may come together by chance.</summary>
    private const float Lumps = 3f;

    /// <summary>Longest time that the packets of one record are spread over: what most exporters use as active timeout.</summary>
    private const float SlowSeconds = 60f;

    private readonly HomeNetwork _home;
    private readonly HostTable _hosts;
    private readonly PrefixMeter _prefixes;
    private readonly WatchList _watches;
    private readonly Vector256<float>[] _weights = [.. Lanes.PacketWeights, Lanes.UdpAnswerWeights];
    private readonly Vector256<float>[] _inverseIn;

    /// <summary>By twice the group and the direction.</summary>
    private readonly Vector256<float>[] _inverse;
    private float _alarmLevel;
    private bool _watchOrdinary;
    private readonly bool _countTalkers;
    private readonly FlowGroups[] _groups = new FlowGroups[FlowBatch.Capacity];
    private readonly Action<Watch> _unwatch;
    private readonly List<Watch> _alarms = [];
    private readonly List<Watch> _dirty = [];
    private Vector256<float> _watchLevels;
    private int _watchedPrefixes;
    private Timestamp _now = Timestamp.Min;
    private uint _milliseconds;

    public TrafficMeter(HomeNetwork home, DetectionOptions options, WatchList watches, bool countTalkers)
    {
        _home = home;
        _watches = watches;
        _hosts = new HostTable(options.MaxHosts);
        _prefixes = new PrefixMeter(Math.Max(1024, options.MaxHosts / 16), home);
        _inverseIn = new Vector256<float>[home.Inbound.Count];
        _inverse = new Vector256<float>[2 * home.Inbound.Count];
        _unwatch = Unwatch;
        TakeUp(options);
        _countTalkers = countTalkers;
        Totals = new TrafficTotals(home.GroupNames.Count);
    }

    /// <summary>Whose the ends of each flow of the newest batch are: looked up once, for whoever else wants to know.</summary>
    public ReadOnlySpan<FlowGroups> Groups => _groups;

    public TrafficTotals Totals { get; }
    public TopTalkers Talkers { get; } = new();
    public int Hosts => _hosts.Count;
    public long HostsRefused => _hosts.Refused;
    public Timestamp Now => _now;

    /// <summary>Watches that passed a threshold since the list was last cleared.</summary>
    public List<Watch> Alarms => _alarms;

    /// <summary>Watches with new traffic since the list was last cleared.</summary>
    public List<Watch> Dirty => _dirty;

    public float AlarmLevel => _alarmLevel;

    /// <summary>Takes up thresholds and options as they are now; what was counted against the old ones drains within seconds.</summary>
    public void TakeUp(DetectionOptions options)
    {
        for (var group = 0; group < _inverseIn.Length; group++)
        {
            _inverseIn[group] = _inverse[2 * group + HostCounters.In] = _home.Inbound[group].Inverse();
            _inverse[2 * group + HostCounters.Out] = _home.Outbound[group].Inverse();
        }
        _alarmLevel = (float)options.Burst.TotalSeconds;
        _watchOrdinary = options.WatchOrdinaryHosts ?? !_home.HasOwnThresholds;
        _watchLevels = _watchOrdinary ? Vector256<float>.Zero : Suspicion * _alarmLevel;
    }

    /// <summary>Counts flows <paramref name="from"/> to the end of the batch, or to the first that lies at or after <paramref name="until"/>.</summary>
    /// <returns>Index of the first flow not counted.</returns>
    [SkipLocalsInit]
    public int Observe(FlowBatch batch, int from, Timestamp until)
    {
        var flows = batch.Flows;
        Span<Place> places = stackalloc Place[Stride];
        while (from < flows.Length)
        {
            var stride = flows.Slice(from, Math.Min(Stride, flows.Length - from));
            FindGroups(stride, places, _groups.AsSpan(from));
            FindCounters(stride, places[..stride.Length]);
            for (var i = 0; i < stride.Length; i++)
            {
                ref readonly var flow = ref stride[i];
                // A packet tells its own time; a record tells when it was received, for its own times may be of minutes ago.
                var time = flow.Exporter == 0 ? flow.Start : batch.ReceivedAt;
                if (time > _now)
                {
                    if (time >= until) return from + i;
                    Advance(time);
                }
                Count(batch, from + i, flow, places[i]);
            }
            from += stride.Length;
        }
        return from;
    }

    /// <summary>Tells home from elsewhere, and asks for the index cell of the home host.</summary>
    private void FindGroups(ReadOnlySpan<Flow> flows, Span<Place> places, Span<FlowGroups> groups)
    {
        for (var i = 0; i < flows.Length; i++)
        {
            ref readonly var flow = ref flows[i];
            var toGroup = _home.GroupOf(flow.Destination);
            var fromGroup = _home.GroupOf(flow.Source);
            groups[i] = new FlowGroups(fromGroup, toGroup);
            // 1 when the destination is not home; the home end is then the source, if it is.
            var direction = (int)((uint)(int)toGroup >> 31);
            ref readonly var host = ref flow.EndOf(direction);
            _hosts.PrefetchIndex(host);
            places[i] = new Place { ToGroup = toGroup, FromGroup = fromGroup, Direction = direction, IsV4 = host.IsV4, V4Bits = host.V4Bits };
        }
    }

    /// <summary>Finds the counters of the home host, -1 for none yet, and asks for them.</summary>
    private void FindCounters(ReadOnlySpan<Flow> flows, Span<Place> places)
    {
        for (var i = 0; i < places.Length; i++)
        {
            ref var place = ref places[i];
            int slot, prefix;
            if (place.IsV4)
            {
                slot = _hosts.FindV4(place.V4Bits);
                prefix = _prefixes.FindV4(place.V4Bits);
            }
            else
            {
                slot = _hosts.Find(flows[i].EndOf(place.Direction));
                prefix = _prefixes.Find(flows[i].EndOf(place.Direction));
            }
            if (slot >= 0) _hosts.PrefetchCounters(slot, place.Direction);
            if (prefix >= 0) _prefixes.Prefetch(prefix);
            (place.Slot, place.PrefixSlot) = (slot, prefix);
        }
    }

    /// <summary>Moves the clock without traffic.</summary>
    public void Advance(Timestamp now)
    {
        if (now <= _now) return;
        _now = now;
        _milliseconds = now.Milliseconds32;
    }

    /// <summary>Judges the prefixes and makes room; about ten times a second.</summary>
    public void Tick()
    {
        _prefixes.Tick(_now, _inverseIn, _alarmLevel, PrefixAlarm);
        // With room, everything is looked at closely; as the list fills, only what comes nearer to its threshold.
        if (_watchOrdinary) _watchLevels = Suspicion * (_alarmLevel * Math.Clamp((_watches.Active.Count - OrdinaryWatches) / (3f * OrdinaryWatches), 0, 1));
    }

    /// <summary>Marks the watch's host as found ordinary, so that it is not looked at again within the minute unless it comes near its alarm.</summary>
    public void Clear(Watch watch)
    {
        if (!watch.IsPrefix) _hosts.At(watch.Slot).ClearedIn = Minute(_now);
    }

    /// <summary>Takes a watch's number off the counters of its target.</summary>
    public void Unwatch(Watch watch)
    {
        if (watch.IsPrefix)
        {
            _prefixes.Unwatch(watch.Slot);
            _watchedPrefixes--;
        }
        else _hosts.At(watch.Slot).Watch = 0;
    }

    /// <summary>Makes room in a table that is nearly full by forgetting hosts silent for ten minutes.</summary>
    /// <returns>Hosts forgotten.</returns>
    public int Compact(int maxHosts) =>
        _hosts.Count < maxHosts - (maxHosts / 16) ? 0 : _hosts.Compact(_milliseconds, 600_000, (number, slot) => _watches.At(number).Slot = slot);

    public void Dispose() => _hosts.Dispose();

    /// <summary>Number of the running minute in 1 to 255; 0 means never.</summary>
    private static byte Minute(Timestamp time) => (byte)(1 + (ulong)(time.Nanoseconds / (60 * Timestamp.NanosecondsPerSecond)) % 255);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Count(FlowBatch batch, int index, in Flow flow, in Place place)
    {
        var @class = TrafficClasses.Of(flow);
        Totals.Add(place.ToGroup, place.FromGroup, @class, flow);
        if ((place.ToGroup & place.FromGroup) < 0) return;
        if (_countTalkers) Talkers.Add(flow, place.ToGroup, place.FromGroup);

        var seconds = (flow.End.Nanoseconds - flow.Start.Nanoseconds) * 1e-9f;
        // The share of a long record that can belong to the last second.
        var share = 1f / float.MaxNative(1f, seconds);
        var records = (flow.Flags & FlowFlags.SinglePacket) != 0 ? 0f : 1f;
        var amounts = _weights[WeightOf(@class, flow.SourcePort)] * (flow.Packets * share)
            + Vector256.Create(0f, flow.Bytes * 8f * share, records, 0f, 0f, 0f, 0f, 0f);
        CountHost(batch, index, flow, place.Slot, place.Direction, place.Direction == HostCounters.In ? place.ToGroup : place.FromGroup, amounts, seconds);
        if (place.Direction == HostCounters.In)
        {
            CountPrefix(batch, index, flow, place, amounts);
            // Both ends are home. Rare enough at a border, and always the same within a campus.
            if (place.FromGroup < 0) return;
            CountHost(batch, index, flow, _hosts.Find(flow.Source), HostCounters.Out, place.FromGroup, amounts, seconds);
        }
        if (_watchedPrefixes > 0) CountPrefixAnswer(batch, index, flow);
    }

    /// <summary>An answer from a port that reflects counts as a fragment does, too: little of either is ordinary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WeightOf(TrafficClass @class, ushort sourcePort)
    {
        var udp = @class == TrafficClass.Udp ? 1 : 0;
        return (int)@class + (TrafficClasses.Count - (int)TrafficClass.Udp) * (udp & Vectors.ReflectionBit(sourcePort));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountHost(FlowBatch batch, int index, in Flow flow, int slot, int direction, short group, Vector256<float> amounts, float seconds)
    {
        if (slot < 0 && (slot = FindOrAdd(flow.EndOf(direction), group)) < 0) return;
        ref var host = ref _hosts.At(slot);
        ref var counters = ref host.Directions[direction];
        var inverse = _inverse[2 * group + direction];
        var passed = (_milliseconds - counters.At) * 0.001f;
        var added = amounts * inverse;
        var levels = Vector256.MaxNative(counters.Levels - Vector256.Create(passed), Vector256<float>.Zero) + added;
        counters.Levels = Vector256.MinNative(levels, Vector256.Create(LevelCap));
        counters.At = _milliseconds;
        // Records of more than a second come late and in lumps: they are judged over a minute, each by the share of it that it lasted.
        var slowLevels = Vector128.MaxNative(counters.Slow - Vector128.Create(passed), Vector128<float>.Zero) + added.GetLower() * float.MinNative(seconds, SlowSeconds);
        counters.Slow = Vector128.MinNative(slowLevels, Vector128.Create(2 * SlowSeconds));
        var slow = Math.Max(slowLevels[Lanes.Packets], slowLevels[Lanes.Bits]) > SlowSeconds && seconds > 1f;
        if (host.Watch != 0 || slow || Vector256.GreaterThanAny(levels, _watchLevels))
            Closer(batch, index, flow, slot, direction, levels, amounts, slow, inverse);
    }

    /// <summary>Two flows of one stride may be the first of the same host: look again before adding.</summary>
    private int FindOrAdd(in IpAddr host, short group)
    {
        var slot = _hosts.Find(host);
        return slot >= 0 ? slot : _hosts.Add(host, (byte)group, _milliseconds);
    }

    /// <summary>For the few flows whose host is watched or deserves to be.</summary>
    private void Closer(FlowBatch batch, int index, in Flow flow, int slot, int direction, Vector256<float> levels, Vector256<float> amounts, bool slow, Vector256<float> inverse)
    {
        var inbound = direction == HostCounters.In;
        ref var host = ref _hosts.At(slot);
        Watch? watch;
        if (host.Watch != 0) watch = _watches.At(host.Watch);
        else
        {
            if (host.ClearedIn != 0 && host.ClearedIn == Minute(_now) && !slow && !Vector256.GreaterThanAny(levels, Vector256.Create(_alarmLevel / 2))) return;
            var suspect = slow || Vector256.GreaterThanAny(levels, Suspicion * _alarmLevel);
            // Between two ticks the bar does not rise: the ordinary must not take all the room in the first of them.
            if (!suspect && _watches.Active.Count >= 4 * OrdinaryWatches) return;
            watch = _watches.TryStart(new Prefix(host.Key, host.Key.Bits), isPrefix: false, host.Group, slot, _now);
            if (watch is null && suspect && _watches.TryEvict(_unwatch))
                watch = _watches.TryStart(new Prefix(host.Key, host.Key.Bits), isPrefix: false, host.Group, slot, _now);
            if (watch is null) return;
            host.Watch = watch.Number;
        }
        Add(watch, batch, index, flow, inbound);
        // One record may bring much at once, by a long flow or by sampling: the level must be above what a few of the largest explain.
        watch.Lump = Vector256.Max(watch.Lump, amounts * inverse);
        if (slow || Vector256.GreaterThanAny(levels, Vector256.Create(_alarmLevel) + watch.Lump * Lumps)) Raise(watch, levels, inbound, slow, inverse);
    }

    private void Add(Watch watch, FlowBatch batch, int index, in Flow flow, bool inbound)
    {
        var packet = batch.PacketOf(index, out var originalLength);
        (inbound ? watch.In : watch.Out).Add(flow, _now, inbound, watch.IsPrefix, packet, originalLength, batch.LinkType);
        watch.LastActive = _now;
        if (watch.Queued) return;
        watch.Queued = true;
        _dirty.Add(watch);
    }

    private void Raise(Watch watch, Vector256<float> levels, bool inbound, bool slow, Vector256<float> inverse)
    {
        var lane = 0;
        for (var l = 1; l < 8; l++)
            if (levels[l] > levels[lane]) lane = l;
        var since = watch.Alarm is { } before && before.Inbound == inbound ? before.Since : _now;
        var slowOnly = slow && levels[lane] <= _alarmLevel;
        if (watch.Alarm is null) _alarms.Add(watch);
        watch.Alarm = new LaneAlarm(slowOnly ? Lanes.Packets : lane, inbound, since, slowOnly, 1 / inverse[slowOnly ? Lanes.Packets : lane]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountPrefix(FlowBatch batch, int index, in Flow flow, in Place place, Vector256<float> amounts)
    {
        var slot = place.PrefixSlot;
        if (slot < 0 && (slot = _prefixes.FindOrAdd(flow.Destination, (byte)place.ToGroup, _now)) < 0) return;
        var number = _prefixes.Add(slot, amounts);
        if (number != 0) Add(_watches.At(number), batch, index, flow, inbound: true);
        else if (_watchOrdinary && _watchedPrefixes < OrdinaryPrefixWatches && _watches.Active.Count < OrdinaryWatches) WatchPrefix(slot);
    }

    /// <summary>What a watched prefix sends tells which of its inbound traffic was asked for.</summary>
    private void CountPrefixAnswer(FlowBatch batch, int index, in Flow flow)
    {
        var slot = _prefixes.Find(flow.Source);
        if (slot >= 0 && _prefixes.At(slot).Watch is var number && number != 0) Add(_watches.At(number), batch, index, flow, inbound: false);
    }

    private Watch? WatchPrefix(int slot)
    {
        ref var cell = ref _prefixes.At(slot);
        var watch = _watches.TryStart(cell.Prefix, isPrefix: true, cell.Group, slot, _now);
        if (watch is null) return null;
        cell.Watch = watch.Number;
        _watchedPrefixes++;
        return watch;
    }

    private void PrefixAlarm(int slot, int lane, double threshold)
    {
        ref var cell = ref _prefixes.At(slot);
        var watch = cell.Watch != 0 ? _watches.At(cell.Watch) : WatchPrefix(slot);
        if (watch is null && _watches.TryEvict(_unwatch)) watch = WatchPrefix(slot);
        if (watch is null) return;
        var since = watch.Alarm?.Since ?? _now;
        if (watch.Alarm is null) _alarms.Add(watch);
        watch.Alarm = new LaneAlarm(lane, Inbound: true, since, Slow: false, threshold);
    }

    /// <summary>Where one flow counts. Groups are -1 for "not home", slots for "not seen yet".</summary>
    private struct Place
    {
        public short ToGroup, FromGroup;

        /// <summary>Of the home end: the destination where both are.</summary>
        public int Direction, Slot, PrefixSlot;
        public uint V4Bits;
        public bool IsV4;
    }
}
