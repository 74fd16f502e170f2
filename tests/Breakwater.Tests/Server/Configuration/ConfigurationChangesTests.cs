using Breakwater.Core.Net;
using Breakwater.Server.Configuration;

namespace Breakwater.Tests.Server.Configuration;

public class ConfigurationChangesTests
{
    private const string Before =
        """
        home: [192.0.2.0/24]
        host_groups:
          web: {prefixes: [192.0.2.64/26], inbound: {packets_per_second: 10k}}
        flows: {sampling: [{exporter: 198.51.100.1, rate: 100}]}
        api: {tokens: [{name: a, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}]}

        """;

    [Fact]
    public void The_same_file_changes_nothing() => Assert.Empty(Between(Before, Before));

    [Theory]
    [InlineData("packets_per_second: 10k", "packets_per_second: 20k", "host_groups.web.inbound.packets_per_second", true)]
    [InlineData("rate: 100}", "rate: 200}", "flows.sampling", true)]
    [InlineData("name: a", "name: b", "api.tokens", true)]
    [InlineData("name: a", "name: a, role: admin", "api.tokens", true)]
    [InlineData("home: [192.0.2.0/24]", "home: [192.0.2.0/24, 198.51.100.0/24]", "home", false)]
    [InlineData("prefixes: [192.0.2.64/26]", "prefixes: [192.0.2.64/27]", "host_groups.web.prefixes", false)]
    [InlineData("  web:", "  www:", "host_groups.web host_groups.www", false)]
    [InlineData("flows: {", "flows: {listen: [], ", "flows.listen", false)]
    [InlineData("api:", "detection: {hold: 5m}\napi:", "detection.hold", true)]
    [InlineData("api:", "detection: {baseline: {floor: 1k}}\napi:", "detection.baseline.floor", true)]
    [InlineData("api:", "detection: {watch_ordinary_hosts: true}\napi:", "detection.watch_ordinary_hosts", true)]
    [InlineData("api:", "detection: {max_hosts: 1M}\napi:", "detection.max_hosts", false)]
    [InlineData("api:", "mitigation: {modes: {drop: automatic}}\napi:", "mitigation.modes.drop", false)]
    [InlineData("api:", "mitigation: {rails: {never_touch: [192.0.2.1/32]}}\napi:", "mitigation.rails.never_touch", false)]
    [InlineData("packets_per_second: 10k}", "packets_per_second: 10k}, modes: {rate_limit: approve}", "host_groups.web.modes.rate_limit", false)]
    [InlineData("api:", "dots: {server: {max_sessions: 9}}\napi:", "dots.server.max_sessions", false)]
    [InlineData("api:", "sharing: {organisation: Example, tlp: red, recipients: {cert: amber}, max_objects: 5000}\napi:", "sharing.organisation sharing.tlp sharing.recipients sharing.max_objects", true)]
    [InlineData("api:", "feeds: {sources: {drop: {format: plain-list, file: /srv/drop}}}\napi:", "feeds.sources", true)]
    [InlineData("api:", "feeds: {never: [192.0.2.1/32], max_entries: 5000}\napi:", "feeds.never feeds.max_entries", true)]
    [InlineData("api:", "cases: {enabled: false, watch: 1d}\napi:", "cases.enabled cases.watch", true)]
    [InlineData("api:", "storage: {path: /srv}\napi:", "storage.path", false)]
    [InlineData("api: {", "api: {listen: 127.0.0.1:9, ", "api.listen", false)]
    [InlineData("api:", "notifications: {script: {path: /bin/true}}\napi:", "notifications.script.path", true)]
    public void Tells_each_key_that_differs_and_whether_it_may_change_while_running(string old, string @new, string paths, bool isLive)
    {
        var changes = Between(Before, Before.Replace(old, @new, StringComparison.Ordinal));
        Assert.Equal(paths.Split(' '), changes.Select(c => c.Path));
        Assert.All(changes, c => Assert.Equal(isLive, c.IsLive));
    }

    [Fact]
    public void What_is_applied_is_no_difference_any_more_and_what_needs_a_restart_still_is()
    {
        var running = Good(Before);
        var fresh = Good(Before.Replace("10k", "20k", StringComparison.Ordinal).Replace("rate: 100", "rate: 7", StringComparison.Ordinal) + "storage: {path: /srv}\n");

        foreach (var change in ConfigurationChanges.Between(running, fresh).ToList()) change.Apply?.Invoke();

        Assert.Equal(20_000, running.HostGroups["web"].Inbound.PacketsPerSecond);
        Assert.Equal([(IpAddr.Parse("198.51.100.1"), 7u)], running.Flows.Sampling.Select(s => (s.Exporter, s.Rate)));
        Assert.Equal(["storage.path"], ConfigurationChanges.Between(running, fresh).Select(c => c.Path));
    }

    private static List<ConfigurationChange> Between(string before, string after) => [.. ConfigurationChanges.Between(Good(before), Good(after))];

    private static BreakwaterOptions Good(string yaml)
    {
        var result = ConfigurationFile.Parse(yaml);
        Assert.Empty(result.Problems);
        return result.Options;
    }
}
