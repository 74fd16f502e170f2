using Breakwater.Server.Configuration;

namespace Breakwater.Tests.Server.Configuration;

public class ConfigurationFileTests
{
    [Fact]
    public void An_empty_file_is_the_defaults() => Assert.True(ConfigurationFile.Parse("").IsGood);

    [Theory]
    [InlineData("home: [192.0.2.0/24]\nhost_groups: {web: {prefixes: [198.51.100.0/24]}}", "host_groups.web.prefixes: 198.51.100.0/24 lies outside home")]
    [InlineData("host_groups: {web: {}}", "host_groups.web.prefixes: has no prefixes: no host can be in it")]
    [InlineData("host_groups: {a: {prefixes: [192.0.2.0/24]}, b: {prefixes: [192.0.2.0/24]}}", "host_groups.b.prefixes: 192.0.2.0/24 is in group 'a' already")]
    [InlineData("host_groups: {a: {prefixes: [192.0.2.0/24], inbound: {packets_per_second: 0}}}", "host_groups.a.inbound.packets_per_second: 0 is outside 1 to 1T")]
    [InlineData("detection: {hold: 0s}", "detection.hold: 0s is outside 1s to 1d")]
    [InlineData("flows: {receive_buffer: 1KiB}", "flows.receive_buffer: 1024 is outside 64KiB to 1GiB")]
    [InlineData("flows: {sampling: [{exporter: 192.0.2.1, rate: 0}]}", "flows.sampling[0].rate: 0 is outside 1 to 4294967295")]
    [InlineData("flows: {sampling: [{exporter: router, rate: 5}]}", "flows.sampling[0].exporter: 'router' is not an address such as 192.0.2.1 or 2001:db8::1")]
    [InlineData("flow: {}", "flow: no such key; was 'flows' meant?")]
    [InlineData("storage: {path: ''}", "storage.path: must not be empty")]
    [InlineData("capture: {interfaces: []}", "capture.interfaces: names no interface: leave it out for all of them, or set capture.enabled: false to capture nothing")]
    [InlineData("flows: {sampling: [{rate: 5}]}", "flows.sampling[0].exporter: names no exporter: write its source address")]
    [InlineData("api: {tokens: [{role: viewer}]}", "api.tokens[0].name: is missing")]
    public void Says_what_is_wrong_across_and_inside_sections(string yaml, string expected) =>
        Assert.Contains(ConfigurationFile.Parse(yaml).Problems, p => p.ToString().StartsWith(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("home: [192.0.2.0/24]\nhost_groups:\n  a.b:\n    inbound: {}\n    prefixes: [198.51.100.0/24]", 5)]
    [InlineData("home: [192.0.2.0/24]\nhost_groups:\n  web:\n    inbound: {}", 3)]
    public void A_mistake_across_sections_has_the_line_of_the_key_or_of_what_should_hold_it(string yaml, int line) =>
        Assert.Equal(line, Assert.Single(ConfigurationFile.Parse(yaml).Problems).Line);

    [Fact]
    public void A_key_with_control_characters_stays_one_line() =>
        Assert.Equal("host_groups.a b.prefixes: has no prefixes: no host can be in it (line 1)", Assert.Single(ConfigurationFile.Parse("host_groups: {\"a\\nb\": {}}").Problems).ToString());

    [Fact]
    public void A_file_of_repeated_keys_is_cut_after_a_hundred_mistakes()
    {
        var problems = ConfigurationFile.Parse(string.Concat(Enumerable.Repeat("home: [192.0.2.0/24]\n", 5000))).Problems;
        Assert.Equal(101, problems.Count);
        Assert.Equal("more than 100 mistakes; the rest is not shown", problems[^1].ToString());
    }

    [Fact]
    public void Long_keys_above_many_others_cost_no_more_than_their_length()
    {
        var text = $"{new string('k', 400_000)}:\n" + string.Concat(Enumerable.Range(0, 60_000).Select(i => $" k{i}: 1\n"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotEmpty(ConfigurationFile.Parse(text).Problems);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500 << 20);
    }

    [Fact]
    public void No_interfaces_written_means_all_of_them() => Assert.Equal(["auto"], ConfigurationFile.Parse("capture: {snap: 128}").Options.Capture.Interfaces);

    [Fact]
    public void The_example_passes_the_check()
    {
        var result = ConfigurationFile.Load(Path.Combine(Repository.Root, "config", "breakwater.yaml"));
        Assert.Empty(result.Problems);
        Assert.NotEmpty(result.Options.Home);
    }

    [Fact]
    public void The_reference_in_the_documentation_is_up_to_date()
    {
        var written = new StringWriter();
        ConfigurationReference.Write(written);
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configure.md"));
        Assert.True(document.EndsWith(written.ToString(), StringComparison.Ordinal),
            "docs/configure.md does not end in what `./breakwater check --reference` prints: put it there");
    }

    [Fact]
    public void Every_key_has_a_line_for_the_operator()
    {
        var written = new StringWriter();
        ConfigurationReference.Write(written);
        foreach (var row in written.ToString().Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
            Assert.False(row.Split('|')[2].Trim().Length < 10, $"no docstring: {row}");
    }
}
