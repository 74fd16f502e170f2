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
    public async Task Shows_cases_feeds_and_what_others_were_told()
    {
        await using var server = await SeededServer.StartAsync();

        var page = await Open(server.Address, "sharing");

        Assert.Matches("""class="badge bad">open<.*>192\.0\.2\.66<""", page);
        Assert.Matches(">list<.*>plain-list<.*>1<.*>good<", page);
        Assert.Contains("objects by TAXII, marked TLP:AMBER", page, StringComparison.Ordinal);
        Assert.Matches(">ddos-1</button>.*>told<", page);
    }

    [NeedsFact("chromium")]
    public async Task Opens_a_case_with_its_evidence_letter_and_what_can_be_done()
    {
        await using var server = await SeededServer.StartAsync();

        var page = await Open(server.Address + "/#case=" + SeededServer.CaseId, "case");

        Assert.Contains(">51234<", page, StringComparison.Ordinal);
        Assert.Contains("Subject: A device on your connection needs attention", page, StringComparison.Ordinal);
        Assert.Contains(">Into the walled garden</button>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">Out of it</button>", page, StringComparison.Ordinal);
    }

    [NeedsFact("chromium")]
    public async Task Shows_what_weighs_against_a_host_and_how_to_allow_it()
    {
        await using var server = await SeededServer.StartAsync();

        var page = await Open(server.Address + "/#incident=bot-1", "bot");

        Assert.Contains("weight 2.5: adds 2.0 to the log-odds of an infection", page, StringComparison.Ordinal);
        Assert.Contains("would not have been said below 20 failed targets", page, StringComparison.Ordinal);
        Assert.Contains("- {host: \"192.0.2.66\", signs: [horizontal-scan]}", page, StringComparison.Ordinal);
        Assert.DoesNotContain("share of the target", page, StringComparison.Ordinal);
    }

    [NeedsFact("chromium")]
    public async Task Says_what_to_do_when_nothing_has_happened_yet()
    {
        await using var server = await SeededServer.StartAsync(empty: true);

        var page = await Open(server.Address, "empty");

        Assert.Contains("./run --simulate", page, StringComparison.Ordinal);
        Assert.Contains("No device has sent flow records yet", page, StringComparison.Ordinal);
        Assert.Contains("No host of ours has to be cleaned.", page, StringComparison.Ordinal);
        Assert.Contains("No feed is configured", page, StringComparison.Ordinal);
        Assert.Contains("Nothing can be fetched: sharing.enabled is off.", page, StringComparison.Ordinal);
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
