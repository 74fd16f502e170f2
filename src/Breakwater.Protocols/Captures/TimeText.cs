using System.Buffers.Text;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Captures;

/// <summary>Reads times and durations as flow files write them, to the nanosecond and without allocating.</summary>
internal static class TimeText
{
    /// <summary>Seconds since 1970, later than which a whole number is in milliseconds (Zeek's TS_MILLIS): the year 5138.</summary>
    private const long LatestSecond = 100_000_000_000;

    /// <summary>"1545469224.865310", "1545469224865", "2018-12-22T09:00:24.865310Z" or "2018/12/22 09:00:24.865310"; without a zone: UTC.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Timestamp time)
    {
        time = default;
        if (text.Length >= 19 && text[4] is (byte)'-' or (byte)'/') return TryCalendar(text, out time);
        if (Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length && whole > LatestSecond)
        {
            if (whole > long.MaxValue / Timestamp.NanosecondsPerMillisecond) return false;
            time = Timestamp.FromUnixMilliseconds(whole);
            return true;
        }
        if (!TrySeconds(text, out var nanoseconds)) return false;
        time = new Timestamp(nanoseconds);
        return true;
    }

    /// <summary>"3.156944", "6.4e-05": seconds to nanoseconds.</summary>
    /// <returns>False also for what does not fit 64 bits of nanoseconds.</returns>
    public static bool TrySeconds(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        if (whole.IsEmpty || text.IndexOfAny((byte)'e', (byte)'E') >= 0) return TryFloating(text, out nanoseconds);
        if (!Utf8Parser.TryParse(whole, out long seconds, out var used) || used != whole.Length) return false;
        if (seconds is > 9_000_000_000 or < -9_000_000_000) return false;
        if (!TryFraction(point < 0 ? default : text[(point + 1)..], out var fraction)) return false;
        nanoseconds = seconds * Timestamp.NanosecondsPerSecond + (whole[0] == (byte)'-' ? -fraction : fraction);
        return true;
    }

    private static bool TryFloating(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (!Utf8Parser.TryParse(text, out double seconds, out var used) || used != text.Length) return false;
        if (!(Math.Abs(seconds) < 9e9)) return false;
        nanoseconds = (long)(seconds * Timestamp.NanosecondsPerSecond);
        return true;
    }

    /// <summary>Digits behind the point, to nanoseconds; further digits are cut off.</summary>
    private static bool TryFraction(ReadOnlySpan<byte> digits, out long nanoseconds)
    {
        nanoseconds = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] is < (byte)'0' or > (byte)'9') return false;
            if (i < 9) nanoseconds = nanoseconds * 10 + digits[i] - '0';
        }
        for (var i = digits.Length; i < 9; i++) nanoseconds *= 10;
        return true;
    }

    /// <summary>yyyy-MM-dd HH:mm:ss, whatever stands between the numbers, then optionally a fraction and Z.</summary>
    private static bool TryCalendar(ReadOnlySpan<byte> text, out Timestamp time)
    {
        time = default;
        if (text[^1] == (byte)'Z') text = text[..^1];
        if (text.Length < 19 || (text.Length > 19 && text[19] != (byte)'.')) return false;
        if (!Number(text[..4], out var year) || !Number(text[5..7], out var month) || !Number(text[8..10], out var day)) return false;
        if (!Number(text[11..13], out var hour) || !Number(text[14..16], out var minute) || !Number(text[17..19], out var second)) return false;
        // Beyond these years nanoseconds overflow 64 bits.
        if (year is < 1678 or > 2261 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        if (hour > 23 || minute > 59 || second > 60) return false;
        if (!TryFraction(text.Length > 19 ? text[20..] : default, out var fraction)) return false;
        var midnight = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        time = new Timestamp((midnight + hour * 3600 + minute * 60 + second) * Timestamp.NanosecondsPerSecond + fraction);
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + digit - '0';
        }
        return true;
    }
}
