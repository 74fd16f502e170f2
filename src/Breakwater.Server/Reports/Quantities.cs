using System.Globalization;

namespace Breakwater.Server.Reports;

/// <summary>Numbers as people read them: three significant digits and the field's units.</summary>
public static class Quantities
{
    private static readonly string[] Decimal = ["", "k", "M", "G", "T", "P"];
    private static readonly string[] Octet = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>1,234,567 bits a second → 1.23 Mbit/s.</summary>
    public static string BitRate(double bitsPerSecond) => Scaled(bitsPerSecond, Decimal, out var unit) + $" {unit}bit/s";

    /// <summary>12,345 packets a second → 12.3 kpps.</summary>
    public static string PacketRate(double packetsPerSecond) => Scaled(packetsPerSecond, Decimal, out var unit) + $" {unit}pps";

    /// <summary>5,400,000 → 5.4 MB (SI).</summary>
    public static string Octets(double octets) => Scaled(octets, Octet, out var unit) + $" {unit}";

    /// <summary>12,345 → "12,345"; what can be counted is shown whole.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>0.973 → 97 %; a share that is not all or nothing is never rounded to it.</summary>
    public static string Share(double share) => share switch
    {
        <= 0 => "0 %",
        < 0.001 => "<0.1 %",
        < 0.0995 => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        >= 1 => "100 %",
        > 0.995 => ">99 %",
        _ => (share * 100).ToString("0", CultureInfo.InvariantCulture) + " %",
    };

    /// <summary>The error bar as a half-width: ±14 %; empty when there is none.</summary>
    public static string Error(double relative) => relative <= 0 ? "" : " ±" + (relative * 100).ToString(relative < 0.1 ? "0.#" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>0.0123 s → 12.3 ms, 5,025 s → 1 h 23 min.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalMilliseconds: < 1 } => Digits(span.TotalMicroseconds) + " µs",
        { TotalSeconds: < 1 } => Digits(span.TotalMilliseconds) + " ms",
        { TotalMinutes: < 2 } => Digits(span.TotalSeconds) + " s",
        { TotalHours: < 1 } => $"{(int)span.TotalMinutes} min {span.Seconds} s",
        { TotalDays: < 2 } => $"{(int)span.TotalHours} h {span.Minutes} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    private static string Scaled(double value, string[] units, out string unit)
    {
        var step = 0;
        // 999.5 rounds to 1000: that is the next unit already.
        while (Math.Abs(value) >= 999.5 && step < units.Length - 1)
        {
            value /= 1000;
            step++;
        }
        unit = units[step];
        return Digits(value);
    }

    private static string Digits(double value) => value.ToString(
        Math.Abs(value) switch { >= 99.95 => "0", >= 9.995 => "0.#", _ => "0.##" }, CultureInfo.InvariantCulture);
}
