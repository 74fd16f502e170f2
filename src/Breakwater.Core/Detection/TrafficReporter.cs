using Breakwater.Core.Flows;
using Breakwater.Core.Metering;

namespace Breakwater.Core.Detection;

/// <summary>Turns the meter's sums into rates once a second and into rollups once a minute.</summary>
internal sealed class TrafficReporter
{
    private const int Directions = 4;

    private readonly HomeNetwork _home;
    private readonly TrafficMeter _meter;
    private readonly ITrafficSink? _sink;
    private readonly TrafficTotals.Cell[] _lastSecond = new TrafficTotals.Cell[Directions * TrafficClasses.Count];
    private readonly TrafficTotals.Cell[] _lastMinute;
    private readonly long[] _lastPackets;
    private readonly double[] _peaks;
    private Timestamp _second = Timestamp.Min;
    private Timestamp _minute = Timestamp.Min;

    public TrafficReporter(HomeNetwork home, TrafficMeter meter, ITrafficSink? sink)
    {
        _home = home;
        _meter = meter;
        _sink = sink;
        var series = home.GroupNames.Count * 2 * TrafficClasses.Count;
        _lastMinute = new TrafficTotals.Cell[series];
        _lastPackets = new long[series];
        _peaks = new double[series];
    }

    public void Second(Timestamp now, int openIncidents)
    {
        var seconds = _second == Timestamp.Min ? 1 : Math.Max((now - _second).TotalSeconds, 0.1);
        _second = now;
        if (_sink is not null) PublishSnapshot(_sink, now, seconds, openIncidents);
        Peaks(seconds);
        var minute = new Timestamp(now.Nanoseconds - (now.Nanoseconds % (60 * Timestamp.NanosecondsPerSecond)));
        if (_minute == Timestamp.Min) _minute = minute;
        else if (minute > _minute) Minute(minute);
    }

    public void Finish(Timestamp now) => Minute(now);

    private void PublishSnapshot(ITrafficSink sink, Timestamp now, double seconds, int openIncidents)
    {
        var byDirection = new Rates[Directions];
        var byClass = new Rates[Directions, TrafficClasses.Count];
        for (var direction = 0; direction < Directions; direction++)
        {
            for (var @class = 0; @class < TrafficClasses.Count; @class++)
            {
                var total = _meter.Totals.Of((Direction)direction, (TrafficClass)@class);
                ref var last = ref _lastSecond[direction * TrafficClasses.Count + @class];
                var rates = new Rates((total.Packets - last.Packets) / seconds, (total.Bytes - last.Bytes) * 8 / seconds, (total.Flows - last.Flows) / seconds);
                last = total;
                byClass[direction, @class] = rates;
                ref var sum = ref byDirection[direction];
                sum = new Rates(sum.PacketsPerSecond + rates.PacketsPerSecond, sum.BitsPerSecond + rates.BitsPerSecond, sum.FlowsPerSecond + rates.FlowsPerSecond);
            }
        }
        sink.Publish(new TrafficSnapshot
        {
            Time = now,
            In = byDirection[(int)Direction.In],
            Out = byDirection[(int)Direction.Out],
            Internal = byDirection[(int)Direction.Internal],
            Transit = byDirection[(int)Direction.Transit],
            InByClass = Row(byClass, Direction.In),
            OutByClass = Row(byClass, Direction.Out),
            TopHosts = _meter.Talkers.Take(20, _home.GroupNames, seconds),
            Hosts = _meter.Hosts,
            HostsRefused = _meter.HostsRefused,
            OpenIncidents = openIncidents,
        });
    }

    /// <summary>Told each minute that ended: its end, group, direction and packets by class.</summary>
    public Action<Timestamp, int, bool, long[]>? MinuteEnded { get; set; }

    private static Rates[] Row(Rates[,] rates, Direction direction) =>
        [.. Enumerable.Range(0, TrafficClasses.Count).Select(c => rates[(int)direction, c])];

    private void Peaks(double seconds)
    {
        for (var i = 0; i < _peaks.Length; i++)
        {
            var packets = Total(i).Packets;
            _peaks[i] = Math.Max(_peaks[i], (packets - _lastPackets[i]) / seconds);
            _lastPackets[i] = packets;
        }
    }

    private void Minute(Timestamp next)
    {
        if (_minute == Timestamp.Min) return;
        var rollups = new List<TrafficRollup>();
        var packets = new long[TrafficClasses.Count];
        for (var i = 0; i < _lastMinute.Length; i++)
        {
            var total = Total(i);
            ref var last = ref _lastMinute[i];
            packets[i % TrafficClasses.Count] = total.Packets - last.Packets;
            if (total.Flows != last.Flows)
            {
                var (group, inbound, @class) = Place(i);
                rollups.Add(new TrafficRollup(_minute, _home.GroupNames[group], inbound, @class, total.Packets - last.Packets, total.Bytes - last.Bytes, total.Flows - last.Flows, _peaks[i]));
            }
            last = total;
            _peaks[i] = 0;
            if (i % TrafficClasses.Count != TrafficClasses.Count - 1) continue;
            var (ended, direction, _) = Place(i);
            MinuteEnded?.Invoke(next, ended, direction, packets);
        }
        _minute = next;
        if (rollups.Count > 0) _sink?.Publish(rollups);
    }

    private static (int Group, bool Inbound, TrafficClass Class) Place(int series) =>
        (series / (2 * TrafficClasses.Count), series / TrafficClasses.Count % 2 == 0, (TrafficClass)(series % TrafficClasses.Count));

    private TrafficTotals.Cell Total(int series)
    {
        var (group, inbound, @class) = Place(series);
        return _meter.Totals.Of(group, inbound ? Direction.In : Direction.Out, @class);
    }
}
