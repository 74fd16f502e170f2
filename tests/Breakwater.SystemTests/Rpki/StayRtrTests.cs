using System.Net.Sockets;
using System.Text.Json;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Rpki;

/// <summary>The program with StayRTR as its validating cache: everything, changes, a cache that starts over, a cache that is gone.</summary>
public sealed class StayRtrTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Tcp();
    private Command? _cache;
    private Service? _service;

    [NeedsFact("stayrtr")]
    public async Task Our_prefixes_are_valid_while_the_cache_says_so_and_unknown_when_it_has_been_gone_for_too_long()
    {
        Say("198.51.100.0/24 24 64500", "203.0.113.0/24 24 64501", "2001:db8::/32 48 64500");
        await StartCache();
        var settings = new ServiceSettings
        {
            Folder = _folder,
            Home = ["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "2001:db8::/32"],
            More = $"rpki: {{ cache: \"127.0.0.1:{_port}\", origins: [64500], refresh: 1s, retry: 1s, expire: 10s }}\n",
        };
        _service = await Service.Start(settings);
        await Until("fresh", 3, ("198.51.100.0/24", "valid"), ("203.0.113.0/24", "invalid"), ("192.0.2.0/24", "not-found"), ("2001:db8::/32", "valid"));
        Assert.Equal("2001:db8::/32-48 AS64500", Own(await Rpki(), "2001:db8::/32").GetProperty("tooWide")[0].GetString());

        // One payload goes, one comes: told as a change.
        Say("203.0.113.0/24 24 64501", "2001:db8::/32 48 64500", "192.0.2.0/24 24 64500");
        await Until("fresh", 3, ("198.51.100.0/24", "not-found"), ("192.0.2.0/24", "valid"));
        Assert.Equal(0, await _service.Metric("breakwater_rpki_resets_total"));

        // Another instance: it does not know our session, and we read everything anew.
        StopCache();
        Say("198.51.100.0/24 24 64500");
        await StartCache();
        await Until("fresh", 1, ("198.51.100.0/24", "valid"), ("192.0.2.0/24", "not-found"));

        // Gone: what it said is used, but not for ever.
        StopCache();
        await Poll.Until("the service notices", async () => (await Rpki()).GetProperty("problem").ValueKind == JsonValueKind.String, TimeSpan.FromSeconds(20), () => _service.Output);
        await Until("no-data", 0);
    }

    public void Dispose()
    {
        _service?.Dispose();
        StopCache();
        _folder.Dispose();
    }

    /// <summary>Writes the set that the cache serves: "prefix longest AS" each.</summary>
    private void Say(params string[] payloads) => _folder.Write("vrps.json", JsonSerializer.Serialize(new
    {
        metadata = new { buildtime = "2026-01-01T00:00:00Z" },
        roas = payloads.Select(p => p.Split(' ')).Select(p => new { prefix = p[0], maxLength = int.Parse(p[1], null), asn = "AS" + p[2], ta = "test", expires = 4_000_000_000L }),
    }));

    private async Task StartCache()
    {
        _cache = Command.Start(
            ["stayrtr", "-bind", $"127.0.0.1:{_port}", "-cache", _folder.File("vrps.json"), "-checktime=false", "-refresh", "1", "-metrics.addr", $"127.0.0.1:{FreePort.Tcp()}"], _folder.Path);
        await Poll.Until("StayRTR listens", async () =>
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync("127.0.0.1", _port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(30), () => _cache.Output);
    }

    private void StopCache()
    {
        _cache?.Dispose();
        _cache = null;
    }

    private Task<JsonElement> Rpki() => _service!.Get("/api/v1/rpki");

    private async Task Until(string state, int roas, params (string Prefix, string Validity)[] own)
    {
        var rpki = default(JsonElement);
        await Poll.Until($"{state} with {roas}", async () =>
        {
            rpki = await Rpki();
            return rpki.GetProperty("state").GetString() == state && rpki.GetProperty("roas").GetInt32() == roas
                && own.All(o => Own(rpki, o.Prefix).GetProperty("validity").GetString() == o.Validity);
        }, TimeSpan.FromSeconds(60), () => $"{rpki}\n{_service!.Output}\n{_cache?.Output}");
    }

    private static JsonElement Own(JsonElement rpki, string prefix) => rpki.GetProperty("own").EnumerateArray().FirstOrDefault(o => o.GetProperty("prefix").GetString() == prefix);
}
