using System.Globalization;
using System.Net;
using System.Text;
using Breakwater.Core.Net;

namespace Breakwater.Server.Configuration;

/// <summary>How each type of value is written in the configuration file, and read from it.</summary>
internal static class ScalarValues
{
    private delegate bool Reader(string text, out object value);

    private static readonly Dictionary<Type, (string Kind, Reader Read)> Types = new()
    {
        [typeof(string)] = ("text", (string text, out object value) => { value = text; return true; }
        ),
        [typeof(bool)] = ("true or false", ReadBool),
        [typeof(TimeSpan)] = ("a duration such as 500ms, 5s, 2m, 1h or 30d", ReadDuration),
        [typeof(Prefix)] = ("a prefix such as 192.0.2.0/24 or 2001:db8::/32", ReadPrefix),
        [typeof(IpAddr)] = ("an address such as 192.0.2.1 or 2001:db8::1", ReadAddress),
        [typeof(IPEndPoint)] = ("an address and port such as 127.0.0.1:2055 or [::1]:2055", ReadEndPoint),
        [typeof(double)] = ("a number", ReadDouble),
        [typeof(byte)] = Whole(byte.MinValue, byte.MaxValue, n => (byte)n),
        [typeof(ushort)] = Whole(ushort.MinValue, ushort.MaxValue, n => (ushort)n),
        [typeof(int)] = Whole(int.MinValue, int.MaxValue, n => (int)n),
        [typeof(uint)] = Whole(uint.MinValue, uint.MaxValue, n => (uint)n),
        [typeof(long)] = Whole(long.MinValue, long.MaxValue, n => (long)n),
    };

    private static readonly (string Suffix, double Ticks)[] DurationUnits =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond), ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Longer suffixes first: "MiB" ends in "B", "kB" in "B" too.</summary>
    private static readonly (string Suffix, decimal Factor)[] NumberUnits =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("k", 1_000), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("B", 1),
    ];

    /// <summary>Units that a number is written with, from which size on.</summary>
    private static readonly (string Suffix, double Unit, double Least)[] ShortForms =
    [
        ("T", 1e12, 1e12), ("G", 1e9, 1e9), ("M", 1e6, 1e6), ("k", 1e3, 1e4),
        ("GiB", 1L << 30, 1L << 30), ("MiB", 1L << 20, 1L << 20), ("KiB", 1L << 10, 1L << 16),
    ];

    public static bool Knows(Type type) => type.IsEnum || Types.ContainsKey(type);

    /// <summary>What a value of the type is, in words that end the sentence "'x' is not …".</summary>
    public static string Kind(Type type) => type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type).Select(KeyNames.KebabCase)) : Types[type].Kind;

    /// <param name="type">One of the types that <see cref="Knows"/>.</param>
    /// <param name="text">As written.</param>
    /// <param name="value">The value, when the answer is null.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Read(Type type, string text, out object? value)
    {
        value = null;
        if (type.IsEnum) return ReadEnum(type, text, out value);
        var (kind, read) = Types[type];
        if (read(text, out var found))
        {
            value = found;
            return null;
        }
        return type == typeof(Prefix) && Network(text) is { } network
            ? $"'{Shown(text)}' has bits set beyond its length; was {network} meant?"
            : $"'{Shown(text)}' is not {kind}";
    }

    /// <summary>The value as one would write it in the file.</summary>
    public static string Write(object? value) => value switch
    {
        null => "none",
        bool flag => flag ? "true" : "false",
        TimeSpan span => WriteDuration(span),
        Enum name => KeyNames.KebabCase(name.ToString()),
        double or int or uint or long => WriteNumber(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        string { Length: 0 } => "\"\"",
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>50k is easier to read than 50000, 16MiB than 16777216; 1500 and 4294967295 stay as they are.</summary>
    private static string WriteNumber(double number)
    {
        foreach (var (suffix, unit, least) in ShortForms)
        {
            var scaled = number / unit;
            if (Math.Abs(number) >= least && (Math.Abs(scaled) < 1000 || suffix == "T") && Math.Round(scaled, 1) == scaled)
                return scaled.ToString("0.#", CultureInfo.InvariantCulture) + suffix;
        }
        return number.ToString(CultureInfo.InvariantCulture);
    }

    private static string WriteDuration(TimeSpan span)
    {
        foreach (var (suffix, ticks) in DurationUnits.OrderByDescending(u => u.Ticks))
        {
            // 90 days stay days, 36 hours stay hours: the largest unit that divides.
            if (span.Ticks % (long)ticks == 0 && span.Ticks != 0)
                return (span.Ticks / (long)ticks).ToString(CultureInfo.InvariantCulture) + suffix;
        }
        return "0s";
    }

    private static bool ReadBool(string text, out object value)
    {
        value = text is "true" or "True" or "TRUE" or "yes" or "on";
        return (bool)value || text is "false" or "False" or "FALSE" or "no" or "off";
    }

    /// <summary>One or more numbers with units, largest first or not: 1h30m.</summary>
    private static bool ReadDuration(string text, out object value)
    {
        value = TimeSpan.Zero;
        if (text == "0") return true;
        var ticks = 0d;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
            rest = rest[digits..].TrimStart();
            var letters = rest.IndexOfAnyExceptInRange('a', 'z');
            if (letters < 0) letters = rest.Length;
            var unit = rest[..letters].ToString();
            var factor = Array.Find(DurationUnits, u => u.Suffix == unit).Ticks;
            if (factor == 0) return false;
            ticks += count * factor;
            rest = rest[letters..].TrimStart();
        }
        if (ticks > TimeSpan.MaxValue.Ticks) return false;
        value = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    private static bool ReadNumber(string text, out decimal value)
    {
        var factor = 1m;
        var digits = text.AsSpan().Trim();
        foreach (var (suffix, unit) in NumberUnits)
        {
            if (!digits.EndsWith(suffix, StringComparison.Ordinal)) continue;
            digits = digits[..^suffix.Length].TrimEnd();
            factor = unit;
            break;
        }
        value = 0;
        if (!decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
            return false;
        if (Math.Abs(number) > decimal.MaxValue / factor) return false;
        value = number * factor;
        return true;
    }

    private static bool ReadDouble(string text, out object value)
    {
        var read = ReadNumber(text, out var number);
        value = (double)number;
        return read;
    }

    private static (string Kind, Reader Read) Whole(decimal least, decimal most, Func<decimal, object> convert) => (
        most <= ushort.MaxValue ? $"a whole number from {least} to {most}" : "a whole number",
        (string text, out object value) =>
        {
            var read = ReadNumber(text, out var number) && number == decimal.Truncate(number) && number >= least && number <= most;
            value = read ? convert(number) : 0;
            return read;
        }
    );

    private static bool ReadPrefix(string text, out object value)
    {
        var read = Prefix.TryParse(text, out var prefix);
        value = prefix;
        return read;
    }

    private static bool ReadAddress(string text, out object value)
    {
        var read = IpAddr.TryParse(text, out var address);
        value = address;
        return read;
    }

    private static bool ReadEndPoint(string text, out object value)
    {
        value = new IPEndPoint(IPAddress.None, 0);
        var colon = text.LastIndexOf(':');
        if (colon < 0) return false;
        var host = text.AsSpan(0, colon);
        var v6 = host.StartsWith('[') && host.EndsWith(']');
        if (v6) host = host[1..^1];
        if (host.Contains(':') != v6 || !IpAddr.TryParse(host, out var address)) return false;
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        value = new IPEndPoint(address.ToIPAddress(), port);
        return true;
    }

    /// <summary>The network that a prefix with too many bits lies in; null when the text is no such prefix.</summary>
    private static Prefix? Network(string text)
    {
        var slash = text.IndexOf('/');
        return slash > 0 && IpAddr.TryParse(text.AsSpan(0, slash), out var address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= address.Bits
            ? new Prefix(address, length)
            : null;
    }

    private static string? ReadEnum(Type type, string text, out object? value)
    {
        value = null;
        var names = Enum.GetNames(type);
        var wanted = text.Replace('_', '-');
        foreach (var name in names)
        {
            if (!string.Equals(KeyNames.KebabCase(name), wanted, StringComparison.OrdinalIgnoreCase)) continue;
            value = Enum.Parse(type, name);
            return null;
        }
        return $"'{Shown(text)}' is not {Kind(type)}";
    }

    /// <summary>At most 60 characters of what was written, without control characters: a message is one line.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var letter in text.Length > 60 ? text.AsSpan(0, 60) : text)
            shown.Append(char.IsControl(letter) ? ' ' : letter);
        return text.Length > 60 ? shown.Append('…').ToString() : shown.ToString();
    }
}
