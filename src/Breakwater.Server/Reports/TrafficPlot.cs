using System.Globalization;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Server.Reports;

/// <summary>Draws packets per second by class over time as SVG: stacked steps, incidents as numbered bands. Only our own words and numbers go in.</summary>
internal sealed class TrafficPlot(AnalysisReport report)
{
    private const double Width = 960, Height = 300, Left = 64, Right = 12, Top = 26, Bottom = 34;

    // The sum of a step is what counts; a line would invent values between points.
    private static readonly (TrafficClass Class, string Name)[] Layers =
    [
        (TrafficClass.TcpOther, "TCP"), (TrafficClass.TcpSyn, "TCP SYN"), (TrafficClass.TcpAnswer, "TCP SYN-ACK, RST"), (TrafficClass.Udp, "UDP"),
        (TrafficClass.Icmp, "ICMP"), (TrafficClass.Fragment, "fragments"), (TrafficClass.Other, "other"),
    ];

    private readonly StringBuilder _svg = new();

    public static string Draw(AnalysisReport report) => report.Series.Count == 0 ? "" : new TrafficPlot(report).Draw();

    private double Seconds => Math.Max(report.PointWidth.TotalSeconds, 1e-9);
    private double Span => report.Series.Count * Seconds;
    private Timestamp Origin => report.Series[0].Time;

    private string Draw()
    {
        var highest = report.Series.Max(p => p.PacketsByClass.Sum()) / Seconds;
        var step = NiceStep(highest, 5);
        var top = Math.Max(1, Math.Ceiling(highest / step)) * step;

        _svg.Append(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Packets per second by class over time">""");
        foreach (var (incident, number) in report.Incidents.Select((incident, i) => (incident, i + 1))) Band(incident, number);
        Grid(top, step);
        Areas(top);
        TimeAxis();
        _svg.Append("</svg>");
        Legend();
        return _svg.ToString();
    }

    private double X(double seconds) => Left + Math.Clamp(seconds / Span, 0, 1) * (Width - Left - Right);

    private static double Y(double value, double top) => Height - Bottom - value / top * (Height - Top - Bottom);

    private void Band(Incident incident, int number)
    {
        var from = X((incident.Start - Origin).TotalSeconds);
        var to = Math.Max(X((incident.LastSeen - Origin).TotalSeconds), from + 3);
        _svg.Append(CultureInfo.InvariantCulture, $"""<rect class="band" x="{from:0.#}" y="{Top}" width="{to - from:0.#}" height="{Height - Top - Bottom}"/>""");
        // More than a few dozen numbers would only cover each other.
        if (number <= 40)
            _svg.Append(CultureInfo.InvariantCulture, $"""<text class="number" x="{(from + to) / 2:0.#}" y="{Top - 8 - (number - 1) % 2 * 9:0.#}">{number}</text>""");
    }

    private void Grid(double top, double step)
    {
        for (var value = 0d; value <= top * 1.0001; value += step)
        {
            var y = Y(value, top);
            _svg.Append(CultureInfo.InvariantCulture, $"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y:0.#}" y2="{y:0.#}"/><text class="tick" text-anchor="end" x="{Left - 6}" y="{y + 4:0.#}">{Quantities.PacketRate(value)}</text>""");
        }
    }

    private void Areas(double top)
    {
        var below = new double[report.Series.Count];
        foreach (var (trafficClass, _) in Layers)
        {
            var values = report.Series.Select(p => p.PacketsByClass[(int)trafficClass] / Seconds).ToArray();
            if (values.All(v => v == 0)) continue;
            var path = new StringBuilder("M");
            for (var i = 0; i < values.Length; i++) Step(path, i, below[i] + values[i], top);
            for (var i = values.Length - 1; i >= 0; i--) StepBack(path, i, below[i], top);
            _svg.Append(CultureInfo.InvariantCulture, $"""<path class="c{(int)trafficClass}" d="{path}Z"/>""");
            for (var i = 0; i < values.Length; i++) below[i] += values[i];
        }
    }

    private void Step(StringBuilder path, int i, double value, double top) =>
        path.Append(CultureInfo.InvariantCulture, $"{X(i * Seconds):0.##} {Y(value, top):0.##} {X((i + 1) * Seconds):0.##} {Y(value, top):0.##} ");

    private void StepBack(StringBuilder path, int i, double value, double top) =>
        path.Append(CultureInfo.InvariantCulture, $"{X((i + 1) * Seconds):0.##} {Y(value, top):0.##} {X(i * Seconds):0.##} {Y(value, top):0.##} ");

    /// <summary>Marks at round times of the day: a reader looks for them in logs.</summary>
    private void TimeAxis()
    {
        var step = TimeStep(Span / 6);
        for (var ns = Origin.Nanoseconds / step * step; ns <= Origin.Nanoseconds + Span * 1e9; ns += step)
        {
            var x = X((ns - Origin.Nanoseconds) / 1e9);
            if (ns < Origin.Nanoseconds) continue;
            _svg.Append(CultureInfo.InvariantCulture, $"""<line class="grid" x1="{x:0.#}" x2="{x:0.#}" y1="{Height - Bottom}" y2="{Height - Bottom + 4}"/>""");
            // At the very edge a label would be cut off.
            if (x > Width - 32) continue;
            _svg.Append(CultureInfo.InvariantCulture, $"""<text class="tick" text-anchor="middle" x="{x:0.#}" y="{Height - Bottom + 18}">{Clock(new Timestamp(ns), step)}</text>""");
        }
    }

    /// <summary>As many digits as the step asks for.</summary>
    private static string Clock(Timestamp time, long step)
    {
        const long second = Timestamp.NanosecondsPerSecond;
        var text = time.ToString();
        return step switch
        {
            >= 86_400 * second => text[..10],
            >= 6 * 3600 * second => text[5..16].Replace('T', ' '),
            >= 60 * second => text[11..16],
            >= second => text[11..19],
            >= second / 1000 => text[14..23],
            _ => text[17..26] + " s",
        };
    }

    /// <summary>The nanoseconds of a step of the clock that is no shorter than <paramref name="seconds"/>.</summary>
    private static long TimeStep(double seconds)
    {
        ReadOnlySpan<int> clock = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
        if (seconds <= 1) return Math.Max(1, (long)Math.Round(NiceStep(seconds, 1) * 1e9));
        foreach (var step in clock)
            if (step >= seconds) return step * Timestamp.NanosecondsPerSecond;
        return (long)Math.Ceiling(seconds / 86_400) * 86_400 * Timestamp.NanosecondsPerSecond;
    }

    private void Legend()
    {
        _svg.Append("<p class=\"legend\">");
        foreach (var (trafficClass, name) in Layers)
        {
            if (report.Series.Any(p => p.PacketsByClass[(int)trafficClass] > 0))
                _svg.Append(CultureInfo.InvariantCulture, $"<span><i class=\"c{(int)trafficClass}\"></i>{name}</span>");
        }
        if (report.Incidents.Count > 0) _svg.Append("<span><i class=\"band\"></i>incident, by number</span>");
        _svg.Append("</p>");
    }

    /// <summary>1, 2 or 5 times a power of ten that divides <paramref name="range"/> into about <paramref name="parts"/>.</summary>
    private static double NiceStep(double range, int parts)
    {
        if (range <= 0) return 1;
        var rough = range / parts;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
    }
}
