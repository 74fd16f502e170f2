using System.Globalization;

namespace Breakwater.Core.Flows;

/// <summary>A moment in UTC, in nanoseconds since 1970-01-01. Reaches from 1678 to 2262, so every capture keeps its full resolution.</summary>
public readonly record struct Timestamp(long Nanoseconds) : IComparable<Timestamp>
{
    public const long NanosecondsPerSecond = 1_000_000_000;
    public const long NanosecondsPerMillisecond = 1_000_000;

    public static Timestamp Min => new(long.MinValue);
    public static Timestamp Max => new(long.MaxValue);

    public double Seconds => Nanoseconds / 1e9;

    /// <summary>Whole milliseconds since 1970, rounded down.</summary>
    public long Milliseconds => Math.DivRem(Nanoseconds, NanosecondsPerMillisecond) is var (q, r) && r < 0 ? q - 1 : q;

    /// <summary>The low 32 bits of the milliseconds since 1970, for small states: differences are right up to 49 days.</summary>
    public uint Milliseconds32 => (uint)(Nanoseconds / NanosecondsPerMillisecond);

    /// <summary>The low 32 bits of the seconds since 1970, for small states: differences are right up to 136 years.</summary>
    public uint Seconds32 => (uint)(Nanoseconds / NanosecondsPerSecond);

    public static Timestamp FromSeconds(double seconds) => new((long)(seconds * 1e9));
    public static Timestamp FromUnixSeconds(long seconds) => new(seconds * NanosecondsPerSecond);
    public static Timestamp FromUnixMilliseconds(long milliseconds) => new(milliseconds * NanosecondsPerMillisecond);
    public static Timestamp From(DateTimeOffset time) => new((time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100);

    public static Timestamp operator +(Timestamp time, TimeSpan span) => new(time.Nanoseconds + span.Ticks * 100);
    public static Timestamp operator -(Timestamp time, TimeSpan span) => new(time.Nanoseconds - span.Ticks * 100);

    /// <summary>Stops at the longest span instead of going round: <see cref="Min"/> is long before anything, whatever is asked of it.</summary>
    public static TimeSpan operator -(Timestamp a, Timestamp b)
    {
        var difference = a.Nanoseconds - b.Nanoseconds;
        if (((a.Nanoseconds ^ b.Nanoseconds) & (a.Nanoseconds ^ difference)) < 0) difference = a.Nanoseconds < b.Nanoseconds ? long.MinValue : long.MaxValue;
        return new TimeSpan(difference / 100);
    }

    public static bool operator <(Timestamp a, Timestamp b) => a.Nanoseconds < b.Nanoseconds;
    public static bool operator >(Timestamp a, Timestamp b) => a.Nanoseconds > b.Nanoseconds;
    public static bool operator <=(Timestamp a, Timestamp b) => a.Nanoseconds <= b.Nanoseconds;
    public static bool operator >=(Timestamp a, Timestamp b) => a.Nanoseconds >= b.Nanoseconds;

    public int CompareTo(Timestamp other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.UnixEpoch.AddTicks(Nanoseconds / 100);

    /// <summary>RFC 3339 with microseconds, in UTC: 2021-05-15T14:50:40.035123Z.</summary>
    public override string ToString() =>
        ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
