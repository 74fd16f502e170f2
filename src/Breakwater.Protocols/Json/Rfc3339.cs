using System.Globalization;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Json;

/// <summary>Moments as text, in UTC and without losing a nanosecond.</summary>
/// <remarks>RFC 3339 §5.6. Written with six digits of fraction, with nine where the nanoseconds need them.</remarks>
public static class Rfc3339
{
    /// <summary>2021-05-15T14:50:40.035123Z, or 2021-05-15T14:50:40.035123456Z.</summary>
    public static string Format(Timestamp time)
    {
        var nanoseconds = time.Nanoseconds % 1000;
        if (nanoseconds < 0) nanoseconds += 1000;
        var text = new Timestamp(time.Nanoseconds - nanoseconds).ToString();
        return nanoseconds == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, text.Length - 1)}{nanoseconds:000}Z");
    }

    /// <summary>Reads a date-time with any fraction of up to nine digits and any offset.</summary>
    /// <returns>False for other text, and for moments outside what <see cref="Timestamp"/> holds (1678 to 2261).</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Timestamp time)
    {
        time = default;
        // "yyyy-MM-ddTHH:mm:ss" is 19 characters; then an optional fraction; then Z or an offset of 6.
        if (text.Length < 20 || text[10] is not ('T' or 't')) return false;
        var rest = text[19..];
        var fraction = 0L;
        if (rest[0] == '.')
        {
            var digits = 0;
            while (digits + 1 < rest.Length && char.IsAsciiDigit(rest[digits + 1])) digits++;
            if (digits is 0 or > 9) return false;
            for (var i = 0; i < 9; i++) fraction = fraction * 10 + (i < digits ? rest[i + 1] - '0' : 0);
            rest = rest[(digits + 1)..];
        }
        if (!TryParseOffset(rest, out var offset)) return false;
        if (!DateTime.TryParseExact(text[..19], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var utc)) return false;
        if (utc.Year is < 1678 or > 2261) return false;
        var seconds = (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond - offset * 60L;
        time = new Timestamp(seconds * Timestamp.NanosecondsPerSecond + fraction);
        return true;
    }

    /// <param name="minutes">Minutes east of UTC.</param>
    private static bool TryParseOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "Z" or "z") return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':') return false;
        if (!int.TryParse(text[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || hours > 23) return false;
        if (!int.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out minutes) || minutes > 59) return false;
        minutes += hours * 60;
        if (text[0] == '-') minutes = -minutes;
        return true;
    }
}
