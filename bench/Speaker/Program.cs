using System.Diagnostics;
using System.Globalization;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.Speaker;
using Microsoft.Extensions.Logging.Abstractions;

// Announces many rules to several peers, changes and withdraws them, and one more beside them:
// dotnet run --project bench/Speaker -c Release -- [RULES [PEERS]]
// The same to GoBGP, BIRD, FRR and ExaBGP, each in a network of its own; needs root and the daemons:
// dotnet run --project bench/Speaker -c Release -- daemons [RULES]
if (args is ["daemons", ..]) return await Daemons.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10_000);
var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
var peers = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 4;

var receivers = Enumerable.Range(0, peers).Select(i => new Receiver(64501 + (uint)i, $"127.0.0.{10 + i}")).ToArray();
var options = new BgpOptions { As = 64500, RouterId = IpAddr.Parse("127.0.0.1") };
for (var i = 0; i < peers; i++)
    options.Peers[$"peer{i}"] = new BgpPeerOptions { Address = receivers[i].Address, Port = receivers[i].Port, As = 64501 + (uint)i, LocalAddress = IpAddr.Parse("127.0.0.1"), HoldTime = TimeSpan.FromSeconds(3) };
await using var speaker = new BgpMitigator(options, TimeProvider.System, NullLogger<BgpMitigator>.Instance);
await speaker.StartAsync(default);

await Until(() => speaker.Status.Count == 0 && receivers.All(r => r.LongestSilence > TimeSpan.Zero || r.Announcements >= 0));
await Task.Delay(1500);
var bench = new BenchRules();
var rules = bench.Many(count, 1e6);
var changed = bench.Many(count, 2e6);
Console.WriteLine($"{count} rules to {peers} peers, hold time 3 s");

await Measure("announced", rules, () => receivers.All(r => r.Held == count));
var before = receivers.Select(r => r.Announcements).ToArray();
await Measure("changed", changed, () => receivers.Select((r, i) => r.Announcements - before[i]).All(n => n == count));

var times = new List<double>();
for (var i = 0; i < 200; i++)
{
    var extra = bench.One(count + i, 1e6);
    var began = Stopwatch.GetTimestamp();
    await speaker.ApplyAsync([.. changed, extra], default);
    while (receivers.Any(r => r.Held != count + 1)) Thread.SpinWait(200);
    times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    await speaker.ApplyAsync(changed, default);
    await Until(() => receivers.All(r => r.Held == count));
}
times.Sort();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one more beside them: decision to the last peer p50 {times[times.Count / 2]:0.0} ms, p90 {times[times.Count * 9 / 10]:0.0} ms, at most {times[^1]:0.0} ms"));

await Task.Delay(3500);
await Measure("withdrawn", [], () => receivers.All(r => r.Held == 0));
await Task.Delay(3500);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"longest silence at a peer {receivers.Max(r => r.LongestSilence.TotalSeconds):0.00} s of 3 s; sessions lost {receivers.Sum(r => r.Losses)}"));
Console.WriteLine($"memory {Environment.WorkingSet >> 20} MiB, receivers included");
foreach (var receiver in receivers) receiver.Dispose();
return receivers.Sum(r => r.Losses);

async Task Measure(string what, ClearedMitigation[] desired, Func<bool> done)
{
    var began = Stopwatch.GetTimestamp();
    await speaker.ApplyAsync(desired, default);
    var told = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    await Until(done);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: handed on after {told:0} ms, at all peers after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms"));
}

static async Task Until(Func<bool> holds)
{
    var watch = Stopwatch.StartNew();
    while (!holds())
    {
        if (watch.Elapsed > TimeSpan.FromSeconds(60)) throw new TimeoutException("a peer did not get what was announced");
        await Task.Delay(1);
    }
}
