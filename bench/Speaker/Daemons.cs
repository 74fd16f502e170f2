using System.Diagnostics;
using System.Globalization;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.SystemTests.Support;
using Microsoft.Extensions.Logging;

namespace Breakwater.Speaker;

/// <summary>The rules to the daemons that operators run, each of which says how many it holds with which rate.</summary>
internal static class Daemons
{
    /// <summary>Longest that a daemon may take for a step.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How often a daemon is asked: every question costs it time, too.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <returns>Sessions that were lost.</returns>
    public static async Task<int> Run(int count)
    {
        BgpRouter[] routers = [new GoBgp(), new Bird(), new Frr(), new ExaBgp()];
        try
        {
            await Task.WhenAll(routers.Select(r => r.Start()));
            var options = new BgpOptions { As = BgpRouter.OurAs, RouterId = IpAddr.Parse("198.18.0.1") };
            foreach (var router in routers)
                options.Peers[router.Name] = new BgpPeerOptions { Address = IpAddr.Parse(router.Network.There), As = router.As, HoldTime = TimeSpan.FromSeconds(HoldSeconds(router)) };
            var sessions = new SessionLog();
            await using var speaker = new BgpMitigator(options, TimeProvider.System, sessions);
            await speaker.StartAsync(default);
            await Poll.Until("every session is up", () => Task.FromResult(sessions.Up == routers.Length), Patience);
            sessions.CountsDowns = true;
            Console.WriteLine($"{count} rules to {string.Join(", ", routers.Select(r => $"{r.Name} (hold time {HoldSeconds(r)} s)"))}; each asked twice a second what it holds");

            var bench = new BenchRules();
            await Measure("announced", speaker, bench.Many(count, 1e6), routers, r => Holds(r, 1e6, count));
            await Measure("changed", speaker, bench.Many(count, 2e6), routers, r => Holds(r, 2e6, count));
            await Measure("withdrawn", speaker, [], routers, r => Holds(r, 2e6, 0));
            await Task.Delay(TimeSpan.FromSeconds(4));
            Console.WriteLine($"sessions lost {sessions.Downs.Count}{string.Concat(sessions.Downs.Select(d => "\n  " + d))}");
            return sessions.Downs.Count;
        }
        finally
        {
            foreach (var router in routers) router.Dispose();
        }
    }

    /// <summary>The shortest there is; ExaBGP, one thread of Python, says nothing itself while it reads so many.</summary>
    private static int HoldSeconds(BgpRouter router) => router is ExaBgp ? 90 : 3;

    private static async Task Measure(string what, BgpMitigator speaker, ClearedMitigation[] desired, BgpRouter[] routers, Func<BgpRouter, Task<bool>> done)
    {
        var began = Stopwatch.GetTimestamp();
        await speaker.ApplyAsync(desired, default);
        var told = Stopwatch.GetElapsedTime(began);
        var times = await Task.WhenAll(routers.Select(async router =>
        {
            while (!await done(router))
            {
                if (Stopwatch.GetElapsedTime(began) > Patience) return $"{router.Name} not within {Patience.TotalSeconds:0} s";
                await Task.Delay(Interval);
            }
            return string.Create(CultureInfo.InvariantCulture, $"{router.Name} after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        }));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: handed on after {told.TotalMilliseconds:0} ms; {string.Join(", ", times)}"));
    }

    /// <summary>Whether it shows so many rules of a rate in bits per second.</summary>
    private static async Task<bool> Holds(BgpRouter router, double rate, int count)
    {
        var bytes = (float)rate / 8;
        var said = await router.Rules();
        return Occurrences(said, router switch
        {
            GoBgp => string.Create(CultureInfo.InvariantCulture, $"rate: {bytes:0.000000}"),
            Bird => $"0x8006fbf4, 0x{BitConverter.SingleToUInt32Bits(bytes):x}",
            Frr => string.Create(CultureInfo.InvariantCulture, $"FS:rate {bytes:0.000000}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"rate-limit:{bytes:0}"),
        }) == count;
    }

    private static int Occurrences(string text, string word)
    {
        var count = 0;
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + word.Length, StringComparison.Ordinal)) count++;
        return count;
    }

    /// <summary>Counts sessions that came up and went down, by what the speaker logs of them.</summary>
    private sealed class SessionLog : ILogger<BgpMitigator>
    {
        private readonly Lock _lock = new();
        private readonly List<string> _downs = [];
        private int _up;

        public int Up => Volatile.Read(ref _up);

        /// <summary>Set once every session has been up.</summary>
        public bool CountsDowns { get; set; }

        /// <summary>Why sessions ended since.</summary>
        public IReadOnlyList<string> Downs
        {
            get { lock (_lock) return [.. _downs]; }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "SessionUp") Interlocked.Increment(ref _up);
            else if (eventId.Name == "SessionDown" && CountsDowns)
                lock (_lock) _downs.Add(formatter(state, exception));
        }
    }
}
