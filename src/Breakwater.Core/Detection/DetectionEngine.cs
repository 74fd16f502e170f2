using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Metering;

namespace Breakwater.Core.Detection;

/// <summary>Flows in, incidents and rates out. Owns all detector state; one thread; told the time, so that a capture replays to the same answer.</summary>
public sealed class DetectionEngine : IDisposable
{
    /// <summary>Time between two looks at thresholds of prefixes and at watches with new traffic.</summary>
    private static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(100);

    /// <summary>Time between two looks at a target above its threshold that could not be judged yet.</summary>
    private static readonly TimeSpan AlarmLook = TimeSpan.FromMilliseconds(10);

    /// <summary>A watch takes traffic apart over this time, then begins anew.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    /// <summary>A watch that saw nothing for this long makes room.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Packets after which a target in which nothing was found makes room, when many want to be looked at.</summary>
    private const long OrdinaryPackets = 512;

    private readonly DetectionOptions _options;
    private readonly HomeNetwork _home;
    private readonly IReadOnlyList<IDetector> _detectors;
    private readonly SourceCheck _sources;
    private readonly ITelemetryHealth? _health;
    private readonly WatchList _watches;
    private readonly TrafficMeter _meter;
    private readonly IncidentBook _book;
    private readonly TrafficReporter _reporter;
    private readonly GroupBaselines _baselines;
    private readonly BehaviourEngine? _behaviour;
    private readonly List<Finding> _findings = [];
    private Timestamp _nextTick = Timestamp.Min;
    private Timestamp _nextAlarmLook = Timestamp.Min;
    private Timestamp _nextSecond = Timestamp.Min;

    /// <param name="home">The operator's network.</param>
    /// <param name="options">Section <c>detection</c>.</param>
    /// <param name="detectors">In the order of the composition, which is also the order of findings.</param>
    /// <param name="incidents">Hears of every change of an incident.</param>
    /// <param name="traffic">Hears of the rates once a second and of the sums once a minute; null: nobody does.</param>
    /// <param name="health">Knows what speaks against the numbers of each exporter; null: nobody does.</param>
    /// <param name="behaviour">Watches what single hosts do; owned by this engine from now on. Null: nobody does.</param>
    public DetectionEngine(
        HomeNetwork home, DetectionOptions options, IReadOnlyList<IDetector> detectors, IIncidentSink incidents, ITrafficSink? traffic, ITelemetryHealth? health = null,
        BehaviourEngine? behaviour = null)
    {
        _behaviour = behaviour;
        if (behaviour is not null) incidents = new Listening(incidents, behaviour);
        _health = health;
        _home = home;
        _options = options;
        _detectors = detectors;
        _sources = new SourceCheck(home);
        _watches = new WatchList(options.MaxWatched);
        _meter = new TrafficMeter(home, options, _watches, countTalkers: traffic is not null);
        _book = new IncidentBook(options, home, _sources, incidents);
        _baselines = new GroupBaselines(home, options);
        _reporter = new TrafficReporter(home, _meter, traffic) { MinuteEnded = JudgeMinute };
    }

    /// <summary>The newest time seen in traffic or told by <see cref="Advance"/>.</summary>
    public Timestamp Now => _meter.Now;

    public int WatchedTargets => _watches.Active.Count;
    public long WatchesRefused => _watches.Refused;
    public int Hosts => _meter.Hosts;
    public long HostsRefused => _meter.HostsRefused;

    /// <summary>All traffic in one direction since the start; may be read from any thread.</summary>
    public TrafficSum SumOf(Direction direction) => _meter.Totals.Of(direction);

    /// <summary>What is usual for each host group; kept over a restart by whoever owns the engine.</summary>
    public GroupBaselines Baselines => _baselines;

    /// <summary>What single hosts do; null where nobody watches it.</summary>
    public BehaviourEngine? Behaviour => _behaviour;

    /// <summary>Takes up incidents that a former run left open.</summary>
    public void Resume(IEnumerable<Incident> incidents)
    {
        var former = incidents.ToLookup(HostCases.IsOurs);
        _book.Resume(former[false]);
        _behaviour?.Resume(former[true]);
    }

    /// <summary>Takes up thresholds and options that were changed in place; counters, watches and incidents stay.</summary>
    public void TakeUpOptions()
    {
        _meter.TakeUp(_options);
        _behaviour?.TakeUpOptions();
    }

    /// <summary>Takes up which incidents have mitigations in force, by identifier; the others have none.</summary>
    public void Mitigate(IReadOnlySet<string> incidents) => _book.Mitigate(incidents);

    /// <summary>Counts a batch and judges what it shows.</summary>
    /// <param name="inHurry">More is waiting than there is time for: what single hosts do is not looked at, so that no attack is missed.</param>
    public void Observe(FlowBatch batch, bool inHurry = false)
    {
        if (batch.Tunnels.Length > 0) CountTunnelsAtHome(batch);
        for (var at = 0; ;)
        {
            at = _meter.Observe(batch, at, _nextTick);
            if (_meter.Alarms.Count > 0 && _meter.Now >= _nextAlarmLook) ExamineAlarms();
            if (at >= batch.Count) break;
            ref readonly var flow = ref batch.Flows[at];
            Tick(flow.Exporter == 0 ? flow.Start : batch.ReceivedAt);
        }
        if (inHurry) _behaviour?.Miss(batch);
        else _behaviour?.Observe(batch, _meter.Groups);
    }

    /// <summary>Lets time pass without traffic; call it at least ten times a second when live.</summary>
    public void Advance(Timestamp now)
    {
        if (now >= _nextTick) Tick(now);
        _behaviour?.Advance(now);
    }

    /// <summary>Judges what is left.</summary>
    /// <param name="endIncidents">True when the capture is over; false keeps incidents open for the next run.</param>
    public void Finish(bool endIncidents = true)
    {
        foreach (var watch in _watches.Active) Examine(watch);
        foreach (var watch in _watches.Active) _book.Follow(watch, _meter.Now);
        // Before attacks end: what is under attack is not being scanned.
        _behaviour?.Finish(endIncidents);
        if (endIncidents) _book.Finish(_meter.Now);
        _reporter.Finish(_meter.Now);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _behaviour?.Dispose();
    }

    /// <summary>What is inside a tunnel counts, unless only the tunnel ends at home: a flood of GRE with invented inner packets hits its outer target.</summary>
    private void CountTunnelsAtHome(FlowBatch batch)
    {
        var flows = batch.Mutable;
        foreach (ref readonly var tunnel in batch.Tunnels)
        {
            ref var flow = ref flows[tunnel.Index];
            if (_home.GroupOf(flow.Destination) >= 0 || _home.GroupOf(flow.Source) >= 0) continue;
            if (_home.GroupOf(tunnel.Outer.Destination) >= 0 || _home.GroupOf(tunnel.Outer.Source) >= 0) flow = tunnel.Outer;
        }
    }

    private void Tick(Timestamp now)
    {
        _meter.Advance(now);
        _meter.Tick();
        ExamineAlarms();
        foreach (var watch in _meter.Dirty)
        {
            watch.Queued = false;
            // Looking again pays once there is a quarter more to see.
            var seen = watch.In.SampledPackets + watch.Out.SampledPackets;
            if (!watch.Used || seen < watch.ExamineAt) continue;
            watch.ExamineAt = seen + Math.Max(16, seen / 4);
            if (!Examine(watch) && seen >= OrdinaryPackets && _watches.Active.Count > TrafficMeter.OrdinaryWatches && !IsSuspect(watch))
            {
                _meter.Clear(watch);
                Release(watch);
            }
        }
        _meter.Dirty.Clear();
        while (_watches.IsCrowded && _watches.TryEvict(_meter.Unwatch))
        {
        }
        if (now >= _nextSecond) Second(now);
        _nextTick = new Timestamp(now.Nanoseconds - (now.Nanoseconds % (TickLength.Ticks * 100)) + TickLength.Ticks * 100);
    }

    private void Second(Timestamp now)
    {
        _nextSecond = new Timestamp(now.Nanoseconds - (now.Nanoseconds % Timestamp.NanosecondsPerSecond) + Timestamp.NanosecondsPerSecond);
        foreach (var watch in _watches.Active)
        {
            _book.Follow(watch, now);
            if (now - watch.Since < Window) continue;
            Examine(watch);
            _book.Close(watch);
            watch.Roll(now);
        }
        for (var i = _watches.Active.Count - 1; i >= 0; i--)
        {
            var watch = _watches.Active[i];
            if (now - watch.LastActive > Silence && !_book.HasOpen(watch.Target)) Release(watch);
        }
        _book.Tick(now);
        _meter.Compact(_options.MaxHosts);
        _reporter.Second(now, _book.Open);
    }

    private bool IsSuspect(Watch watch) => watch.Alarm is not null || _book.HasOpen(watch.Target);

    private void Release(Watch watch)
    {
        _meter.Unwatch(watch);
        _watches.Release(watch);
    }

    private void JudgeMinute(Timestamp minute, int group, bool inbound, long[] packetsByClass)
    {
        var kind = inbound ? IncidentKind.Ddos : IncidentKind.OutboundAttack;
        var name = _home.GroupNames[group];
        var findings = _baselines.Observe(minute, group, inbound, packetsByClass, attacked: _book.IsAttacked(kind, name));
        if (findings.Count > 0) _book.Report(findings, name, minute);
    }

    private void ExamineAlarms()
    {
        var alarms = _meter.Alarms;
        _nextAlarmLook = _meter.Now + AlarmLook;
        for (var i = alarms.Count - 1; i >= 0; i--)
        {
            var watch = alarms[i];
            // An alarm waits here until it is old enough and has enough packets to be judged, or its window ends.
            if (watch.Used && watch.Alarm is not null && !Examine(watch)) continue;
            alarms.RemoveAt(i);
        }
    }

    /// <summary>Where the operator's thresholds decide, a burst that passes none of them is everyday life, whatever its shape.</summary>
    private bool IsTooBrief(Watch watch) =>
        _home.HasOwnThresholds && (watch.Alarm is { } alarm
            ? _meter.Now - alarm.Since < _options.Burst / 5
            : watch.In.Last - watch.In.First < TimeSpan.FromSeconds(1) && watch.Out.Last - watch.Out.First < TimeSpan.FromSeconds(1));

    /// <returns>True when something was found.</returns>
    private bool Examine(Watch watch)
    {
        if (IsTooBrief(watch)) return false;
        _findings.Clear();
        var look = new Examination(watch, _meter.Now, _home, _options, _sources, _health);
        foreach (var detector in _detectors) detector.Examine(look, _findings);
        if (_findings.Count == 0) return false;
        _book.Report(watch, _findings, _meter.Now);
        return true;
    }

    /// <summary>Lets the watcher of hosts know which of ours are attacked, and which attack.</summary>
    private sealed class Listening(IIncidentSink sink, BehaviourEngine behaviour) : IIncidentSink
    {
        public void Publish(Incident incident)
        {
            behaviour.Hear(incident);
            sink.Publish(incident);
        }
    }
}
