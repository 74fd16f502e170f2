using Breakwater.Core.Detection;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Net;
using Breakwater.Server.Configuration;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Hosting;

/// <summary>What a person who has just started the service wants to know: where to look, what it listens to, what it will not do.</summary>
internal static class StartupSummary
{
    private const int MaxPrefixesShown = 8;

    public static Task WriteAsync(TextWriter output, BreakwaterOptions options, TrafficSource source, IHost service)
    {
        var home = service.Services.GetRequiredService<HomeNetwork>().Home;
        var shown = string.Join(", ", home.Take(MaxPrefixesShown).Select(Words.Of)) + (home.Count > MaxPrefixesShown ? $" and {home.Count - MaxPrefixesShown} more" : "");
        // The simulator brings its own network.
        if (options.Home.Count == 0 && source.Kind == TrafficKind.Live) shown = "private address space and this machine's own addresses (set `home` to your own prefixes)";
        string[] lines =
        [
            "",
            $"Breakwater watches. Page and API: http://{options.Api.Listen}",
            $"  traffic   {Traffic(source, service)}",
            $"  home      {shown}",
            $"  data      {Path.GetFullPath(options.Storage.Path)}",
            $"  mode      {Mode(service)}",
            "  live view in a terminal: breakwater top; stop with Ctrl-C",
            "",
        ];
        return output.WriteLineAsync(string.Join(Environment.NewLine, lines));
    }

    private static string Mode(IHost service)
    {
        if (service.Services.GetService<MitigationService>() is not { } mitigation || service.Services.GetRequiredService<ModeTable>().ObservesOnly)
            return "observe only: nothing is sent to routers or firewalls";
        var ways = mitigation.Mitigators.Count == 0 ? "no way to mitigate is configured" : string.Join(", ", mitigation.Mitigators.Select(m => m.Key));
        return $"mitigation is switched on: {ways}; `breakwater mitigations` shows it, `breakwater mitigations withdraw-all` takes everything back";
    }

    private static string Traffic(TrafficSource source, IHost service) => source.Kind switch
    {
        TrafficKind.Simulated => "simulated: ordinary traffic with attacks mixed in",
        TrafficKind.Replayed => $"replayed from {string.Join(", ", source.Files.Select(Words.Printable))}",
        _ => $"{Flows(service.Services.GetRequiredService<FlowListener>().Receivers)}; {Packets(service.Services.GetService<PacketCaptureService>())}",
    };

    private static string Flows(IReadOnlyList<FlowReceiver> receivers) =>
        receivers.Count == 0 ? "no flow ports" : $"flows on {string.Join(", ", receivers.Select(r => $"{r.EndPoint}/udp"))}";

    private static string Packets(PacketCaptureService? capture) =>
        capture is null ? "no live capture (switched off)"
        : capture.Problem is not null ? "no live capture (see the warning above)"
        : $"packets on {string.Join(", ", capture.Interfaces)}";
}
