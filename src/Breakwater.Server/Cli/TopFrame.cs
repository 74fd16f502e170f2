using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary>One frame of <c>breakwater top</c>: lines that fit the given width and height.</summary>
/// <param name="width">Columns.</param>
/// <param name="height">Lines.</param>
/// <param name="colour">Whether the terminal understands ANSI colours.</param>
internal sealed class TopFrame(int width, int height, bool colour)
{
    private const int MaxHosts = 20;

    private readonly List<string> _lines = [];

    /// <param name="service">Address of the service, for the title.</param>
    /// <param name="traffic">Answer of <c>/api/v1/traffic/live</c>.</param>
    /// <param name="incidents">Open incidents.</param>
    public IReadOnlyList<string> Render(string service, JsonElement traffic, IReadOnlyList<Incident> incidents)
    {
        var time = traffic.GetProperty("time").GetString()!;
        Line($"Breakwater top   {time[..Math.Min(19, time.Length)].Replace('T', ' ')} UTC   {service}   q quits", "1");
        Line("");
        foreach (var direction in new[] { "in", "out", "internal", "transit" })
        {
            var rates = traffic.GetProperty(direction);
            Line($"{direction,-9} {Packets(rates),10} {Bits(rates),13} {Number(rates, "flowsPerSecond"),9:N0} flows/s");
        }
        Classes(traffic.GetProperty("inByClass"));
        Incidents(incidents);
        Hosts(traffic.GetProperty("topHosts"));
        return _lines.Count > height ? [.. _lines.Take(height)] : _lines;
    }

    private void Classes(JsonElement classes)
    {
        Line("");
        Line("inbound by class", "4");
        var all = classes.EnumerateObject().ToList();
        var most = Math.Max(1, all.Max(c => Number(c.Value, "packetsPerSecond")));
        var room = Math.Clamp(width - 42, 4, 60);
        foreach (var entry in all)
        {
            var share = Number(entry.Value, "packetsPerSecond") / most;
            var bar = new string(colour ? '█' : '#', (int)Math.Round(share * room));
            Line($"  {entry.Name,-11} {Packets(entry.Value),10} {Bits(entry.Value),13}  {bar}");
        }
    }

    private void Incidents(IReadOnlyList<Incident> incidents)
    {
        Line("");
        Line(incidents.Count == 0 ? "no open incidents" : $"open incidents ({incidents.Count})", incidents.Count == 0 ? "" : "4");
        // The hosts below are worth some lines too.
        foreach (var incident in incidents.OrderByDescending(i => i.Severity).ThenByDescending(i => i.Start).Take(Math.Max(3, height - _lines.Count - 6)))
        {
            var about = incident.Target is { } target ? Words.Of(target) : incident.Host?.ToString() ?? "";
            Line($"  {Words.Moment(incident.Start)[11..19]} {incident.Severity.Name(),-8} {incident.State.Name(),-9} {incident.Kind.Name(),-15} {about,-22} "
                + $"{Words.Peak(incident),23}  {string.Join(", ", incident.Vectors)}",
                incident.Severity switch { Severity.Critical => "1;31", Severity.High => "31", Severity.Medium => "33", _ => "" });
        }
    }

    private void Hosts(JsonElement hosts)
    {
        if (hosts.GetArrayLength() == 0) return;
        Line("");
        Line($"{"heaviest home hosts",-26} {"in",10} {"",13} {"out",10}", "4");
        foreach (var host in hosts.EnumerateArray().Take(MaxHosts))
            Line($"  {Words.Printable(host.GetProperty("host").GetString()!),-24} {Packets(host.GetProperty("in")),10} {Bits(host.GetProperty("in")),13} {Packets(host.GetProperty("out")),10} {Bits(host.GetProperty("out")),13}");
    }

    private void Line(string text, string style = "")
    {
        var cut = text.Length > width ? text[..width] : text;
        _lines.Add(colour && style.Length > 0 ? $"\e[{style}m{cut}\e[0m" : cut);
    }

    private static string Packets(JsonElement rates) => Quantities.PacketRate(Number(rates, "packetsPerSecond"));

    private static string Bits(JsonElement rates) => Quantities.BitRate(Number(rates, "bitsPerSecond"));

    private static double Number(JsonElement rates, string name) => rates.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;
}
