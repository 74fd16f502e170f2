using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Page;

/// <summary>The page in a real browser. Set BREAKWATER_PICTURES to a folder to keep what it looks like.</summary>
public class PageTests
{
    [NeedsFact("chromium")]
    public async Task Shows_rates_incidents_talkers_and_exporters()
    {
        await using var server = await SeededServer.StartAsync();

        var page = await Open(server.Address, "page");

        Assert.Contains(">Live<", page, StringComparison.Ordinal);
        Assert.Contains("dns-amplification, fragment-flood", page, StringComparison.Ordinal);
        Assert.Contains("9.30 Gbit/s", page, StringComparison.Ordinal);
        Assert.Contains(">192.0.2.35<", page, StringComparison.Ordinal);
        Assert.Contains(">198.51.100.2<", page, StringComparison.Ordinal);
        Assert.Matches("class=\"badge warn\"[^>]*>unknown<", page);
    }

    [NeedsFact("chromium")]
    public async Task Opens_the_details_of_an_incident()
    {
        await using var server = await SeededServer.StartAsync();

        var page = await Open(server.Address + "/#incident=ddos-1", "details");

        Assert.Contains("would not have fired below 5,000 packets/s", page, StringComparison.Ordinal);
        Assert.Contains("98.2 %", page, StringComparison.Ordinal);
        Assert.Contains("api/v1/incidents/ddos-1/evidence.pcap", page, StringComparison.Ordinal);
    }

    [NeedsFact("chromium")]
    public async Task Text_from_outside_stays_text()
    {
        await using var server = await SeededServer.StartAsync();

        var page = await Open(server.Address + "/#incident=ddos-3", "hostile");

        Assert.Contains("&lt;img src=x", page, StringComparison.Ordinal);
        Assert.Contains("<title>Breakwater</title>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
    }

    [NeedsFact("chromium")]
    public async Task Says_what_to_do_when_nothing_has_happened_yet()
    {
        await using var server = await SeededServer.StartAsync(empty: true);

        var page = await Open(server.Address, "empty");

        Assert.Contains("./run --simulate", page, StringComparison.Ordinal);
        Assert.Contains("No device has sent flow records yet", page, StringComparison.Ordinal);
    }

    [NeedsFact("chromium")]
    public async Task Asks_for_a_token_where_one_is_needed()
    {
        await using var server = await SeededServer.StartAsync(needsToken: true);

        var page = await Open(server.Address, "token");

        Assert.Contains("A token is needed.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("dns-amplification", page, StringComparison.Ordinal);
    }

    private static async Task<string> Open(string address, string picture)
    {
        using var profile = new TemporaryFolder();
        string[] browser =
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars",
            $"--user-data-dir={profile.Path}", "--window-size=1280,1250", "--virtual-time-budget=6000", "--timeout=9000",
        ];
        if (Environment.GetEnvironmentVariable("BREAKWATER_PICTURES") is { Length: > 0 } folder)
            await Command.Run([.. browser, $"--screenshot={Path.Combine(folder, picture + ".png")}", address]);
        return await Command.Run([.. browser, "--dump-dom", address]);
    }
}
