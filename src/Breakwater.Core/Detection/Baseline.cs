using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Detection;

/// <summary>Learns how much traffic is usual at which hour of the week, from one rate a minute. 50 KiB; owned by one loop.</summary>
/// <remarks>
/// Rates are compared as ln(1 + rate) by median b and spread s of the same hour of the week, else of the day, else of all hours:
/// T = max(floor, 2 × busiest minute of the last days, e^(b + k·s) − 1). Hours are UTC: no clock change moves them.
/// What it is taught is clipped to b ± 3s, and in a day may exceed the highest rate learnt before by a factor only,
/// so that neither one attack nor a slow ramp teaches it to be blind.
/// </remarks>
public sealed class Baseline
{
    private const int HoursOfWeek = 168;
    private const double ClipSpreads = 3;

    /// <summary>Two visits to an hour, less a few minutes lost: one alone shows a single day's weather.</summary>
    private const int EnoughMinutes = 100;

    /// <summary>Four visits to an hour; then half is forgotten, so that older weeks fade.</summary>
    private const int MaxMinutes = 240;

    /// <summary>Two kinds of day in one hour make a spread so wide that the exponential says nothing.</summary>
    private const double MaxHeadroom = 10;

    private const byte FormatVersion = 1;
    private const int HeaderLength = 1 + 7 * 8 + 2;

    /// <summary>No network carries more; sums of it stay finite.</summary>
    private const double MaxRate = 1e15;

    private readonly BaselineOptions _options;
    private readonly LogHistogram[] _slots = [.. Enumerable.Range(0, HoursOfWeek).Select(_ => new LogHistogram())];

    // Busiest minute of each of the last days that had any; today's is in cell _today.
    private readonly double[] _busiest;
    private int _today;
    private long _day = long.MinValue;
    private long _lastMinute = long.MinValue;
    private long _minutes;

    // What rates are clipped to in this hour, set at its first minute.
    private long _hour = long.MinValue;
    private double _lowest;
    private double _highest = MaxRate;

    // The highest rate that may be learnt today; 0 until the learning time is over.
    private double _ceiling;

    public Baseline(BaselineOptions options)
    {
        _options = options;
        _busiest = new double[options.Days];
    }

    /// <summary>Minutes still to be observed before <see cref="Threshold"/> answers.</summary>
    public TimeSpan LearningLeft => TimeSpan.FromMinutes(Math.Max(0, _options.Learning.TotalMinutes - _minutes));

    private bool HasLearnt => LearningLeft == TimeSpan.Zero;

    /// <summary>Learns the rate of one minute. Not to be called for minutes in which an incident is open.</summary>
    /// <param name="minute">Any time in the minute; a minute that is not later than the last one is not learnt.</param>
    /// <param name="rate">Mean rate of the minute, 0 or more; anything else is not learnt.</param>
    public void Observe(Timestamp minute, double rate)
    {
        var number = MinuteOf(minute);
        if (number <= _lastMinute || !(rate >= 0)) return;
        _lastMinute = number;
        if (number / 1440 != _day) EnterDay(number / 1440);
        if (number / 60 != _hour) EnterHour(number / 60, minute);
        rate = Math.Min(Math.Max(rate, _lowest), _highest);
        var slot = _slots[SlotOf(minute)];
        if (slot.Count >= MaxMinutes) slot.Halve();
        slot.Add(rate);
        _busiest[_today] = Math.Max(_busiest[_today], rate);
        _minutes++;
        if (HasLearnt && _ceiling == 0) RaiseCeiling();
    }

    /// <summary>The rate above which traffic is unusual at a time; null while the learning time lasts.</summary>
    public BaselineThreshold? Threshold(Timestamp time)
    {
        if (!HasLearnt) return null;
        var (hours, scope) = Hours(time);
        var (median, spread) = (hours.Median(), hours.Spread());
        var busiest = _busiest.Max();
        var byBusiest = 2 * busiest;
        var bySpread = Math.Min(RateOf(median + _options.Sensitivity * spread), MaxHeadroom * busiest);
        var rate = Math.Max(_options.Floor, Math.Max(byBusiest, bySpread));
        var term = rate == _options.Floor ? BaselineTerm.Floor : rate == byBusiest ? BaselineTerm.BusiestMinute : BaselineTerm.Spread;
        return new BaselineThreshold(rate, term, RateOf(median), spread, busiest, scope);
    }

    /// <summary>All that was learnt, for the store: at most 66 KiB, usually a tenth.</summary>
    public byte[] ToBytes()
    {
        var filled = _slots.Sum(s => Enumerable.Range(0, LogHistogram.Bins).Count(bin => s[bin] > 0));
        var bytes = new byte[HeaderLength + 8 * _busiest.Length + HoursOfWeek + 3 * filled];
        var rest = bytes.AsSpan();
        rest[0] = FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(rest[1..], _day);
        BinaryPrimitives.WriteInt64LittleEndian(rest[9..], _lastMinute);
        BinaryPrimitives.WriteInt64LittleEndian(rest[17..], _minutes);
        BinaryPrimitives.WriteDoubleLittleEndian(rest[25..], _ceiling);
        BinaryPrimitives.WriteInt64LittleEndian(rest[33..], _hour);
        BinaryPrimitives.WriteDoubleLittleEndian(rest[41..], _lowest);
        BinaryPrimitives.WriteDoubleLittleEndian(rest[49..], _highest);
        rest[57] = (byte)_busiest.Length;
        rest[58] = (byte)_today;
        rest = rest[HeaderLength..];
        foreach (var busiest in _busiest)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(rest, busiest);
            rest = rest[8..];
        }
        foreach (var slot in _slots)
        {
            var bins = Enumerable.Range(0, LogHistogram.Bins).Where(bin => slot[bin] > 0).ToArray();
            rest[0] = (byte)bins.Length;
            rest = rest[1..];
            foreach (var bin in bins)
            {
                rest[0] = (byte)bin;
                BinaryPrimitives.WriteUInt16LittleEndian(rest[1..], slot[bin]);
                rest = rest[3..];
            }
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <returns>Null when the bytes are of another version, damaged, or learnt over another number of days: start afresh then.</returns>
    public static Baseline? FromBytes(ReadOnlySpan<byte> bytes, BaselineOptions options)
    {
        if (bytes.Length < HeaderLength + 8 * options.Days || bytes[0] != FormatVersion) return null;
        if (bytes[57] != options.Days || bytes[58] >= options.Days) return null;
        var baseline = new Baseline(options)
        {
            _day = BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]),
            _lastMinute = BinaryPrimitives.ReadInt64LittleEndian(bytes[9..]),
            _minutes = BinaryPrimitives.ReadInt64LittleEndian(bytes[17..]),
            _ceiling = BinaryPrimitives.ReadDoubleLittleEndian(bytes[25..]),
            _hour = BinaryPrimitives.ReadInt64LittleEndian(bytes[33..]),
            _lowest = BinaryPrimitives.ReadDoubleLittleEndian(bytes[41..]),
            _highest = BinaryPrimitives.ReadDoubleLittleEndian(bytes[49..]),
            _today = bytes[58],
        };
        if (baseline._minutes < 0 || !Plausible(baseline._ceiling) || !Plausible(baseline._lowest) || !Plausible(baseline._highest)) return null;
        var rest = bytes[HeaderLength..];
        foreach (ref var busiest in baseline._busiest.AsSpan())
        {
            busiest = BinaryPrimitives.ReadDoubleLittleEndian(rest);
            if (!Plausible(busiest)) return null;
            rest = rest[8..];
        }
        foreach (var slot in baseline._slots)
        {
            if (rest.IsEmpty || rest.Length < 1 + 3 * rest[0]) return null;
            var bins = rest[0];
            rest = rest[1..];
            for (var i = 0; i < bins; i++, rest = rest[3..])
            {
                if (rest[0] >= LogHistogram.Bins) return null;
                slot.Set(rest[0], BinaryPrimitives.ReadUInt16LittleEndian(rest[1..]));
            }
        }
        return rest.IsEmpty ? baseline : null;
    }

    private void EnterDay(long day)
    {
        if (HasLearnt) RaiseCeiling();
        if (_day != long.MinValue) _today = (_today + 1) % _busiest.Length;
        _busiest[_today] = 0;
        _day = day;
    }

    private void EnterHour(long hour, Timestamp minute)
    {
        _hour = hour;
        if (!HasLearnt || _ceiling == 0) return;
        var (hours, scope) = Hours(minute);
        var (median, spread) = (hours.Median(), hours.Spread());
        // Up to the floor nothing is dangerous to learn, and an idle prefix must be able to wake.
        _highest = Math.Max(_options.Floor, Math.Min(RateOf(median + ClipSpreads * spread), _ceiling));
        // Only the same hour of other weeks can tell an outage from a quiet Sunday.
        _lowest = scope == BaselineScope.HourOfWeek ? Math.Clamp(RateOf(median - ClipSpreads * spread), 0, _highest) : 0;
    }

    private void RaiseCeiling() => _ceiling = _options.GrowthPerDay * _busiest.Max();

    private (LogHistogram Hours, BaselineScope Scope) Hours(Timestamp time)
    {
        var slot = SlotOf(time);
        if (_slots[slot].Count >= EnoughMinutes) return (_slots[slot], BaselineScope.HourOfWeek);
        var hourOfDay = Sum(Enumerable.Range(0, 7).Select(day => (slot + 24 * day) % HoursOfWeek));
        if (hourOfDay.Count >= EnoughMinutes) return (hourOfDay, BaselineScope.HourOfDay);
        return (Sum(Enumerable.Range(0, HoursOfWeek)), BaselineScope.AllHours);
    }

    private LogHistogram Sum(IEnumerable<int> slots)
    {
        var sum = new LogHistogram();
        foreach (var slot in slots) sum.Add(_slots[slot]);
        return sum;
    }

    private static bool Plausible(double rate) => rate is >= 0 and <= 10 * MaxRate;

    private static long MinuteOf(Timestamp time) => (long)Math.Floor(time.Nanoseconds / 60e9);

    private static int SlotOf(Timestamp time) => (int)(((MinuteOf(time) / 60 % HoursOfWeek) + HoursOfWeek) % HoursOfWeek);

    private static double RateOf(double log) => Math.Exp(log) - 1;
}
