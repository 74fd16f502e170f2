using System.CommandLine;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Incidents;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater top</c>: what happens now, once a second, from a running service.</summary>
internal static class TopCommand
{
    private const string EnterScreen = "\e[?1049h\e[?25l", LeaveScreen = "\e[?25h\e[?1049l", Home = "\e[H", ClearToEndOfLine = "\e[K", ClearBelow = "\e[J";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(50);

    public static Command Create()
    {
        var url = ApiClient.Url();
        var once = new Option<bool>("--once") { Description = "Print one frame and leave; so it is where there is no terminal." };
        var command = new Command("top", "Live view in the terminal: rates, classes, open incidents, heaviest hosts. q quits.") { url, once };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(once) || !IsScreen(output))
            {
                foreach (var line in await FrameAsync(api, new TopFrame(100, int.MaxValue, colour: false), cancel)) await output.WriteLineAsync(line);
                return ExitCode.Ok;
            }
            await FollowAsync(api, output, cancel);
            return ExitCode.Ok;
        });
        return command;
    }

    private static bool IsScreen(TextWriter output) =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";

    private static async Task FollowAsync(ApiClient api, TextWriter output, CancellationToken cancel)
    {
        // Ask once before the screen is taken: a service that is not there is a line, not a flicker.
        await api.GetAsync("/api/v1/traffic/live", cancel);
        await output.WriteAsync(EnterScreen);
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                await DrawAsync(api, output, cancel);
                if (await QuitAsync(cancel)) return;
            }
        }
        finally
        {
            await output.WriteAsync(LeaveScreen);
            await output.FlushAsync(CancellationToken.None);
        }
    }

    private static async Task DrawAsync(ApiClient api, TextWriter output, CancellationToken cancel)
    {
        // Asked each time: the window may have been resized.
        int width = Math.Max(20, Console.WindowWidth), height = Math.Max(5, Console.WindowHeight);
        IReadOnlyList<string> lines;
        try
        {
            lines = await FrameAsync(api, new TopFrame(width, height, colour: true), cancel);
        }
        catch (CommandFailedException gone) when (gone.ExitCode == ExitCode.Unreachable)
        {
            lines = [gone.Message, "trying again …   q quits"];
        }
        var frame = new StringBuilder(Home);
        for (var i = 0; i < lines.Count; i++) frame.Append(i > 0 ? "\r\n" : "").Append(lines[i]).Append(ClearToEndOfLine);
        await output.WriteAsync(frame.Append(ClearBelow));
        await output.FlushAsync(cancel);
    }

    /// <returns>True when someone pressed q within the interval.</returns>
    private static async Task<bool> QuitAsync(CancellationToken cancel)
    {
        for (var waited = TimeSpan.Zero; waited < Interval && !cancel.IsCancellationRequested; waited += KeyInterval)
        {
            while (!Console.IsInputRedirected && Console.KeyAvailable)
                if (Console.ReadKey(intercept: true).Key == ConsoleKey.Q) return true;
            await Task.Delay(KeyInterval, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return false;
    }

    private static async Task<IReadOnlyList<string>> FrameAsync(ApiClient api, TopFrame frame, CancellationToken cancel)
    {
        using var traffic = JsonDocument.Parse(await api.GetAsync("/api/v1/traffic/live", cancel));
        var incidents = new List<Incident>();
        foreach (var state in (IncidentState[])[IncidentState.Open, IncidentState.Mitigated])
            incidents.AddRange(IncidentsCommand.Read(await api.GetAsync($"/api/v1/incidents?state={state.Name()}&limit=100", cancel)));
        return frame.Render(api.Address, traffic.RootElement, incidents);
    }
}
