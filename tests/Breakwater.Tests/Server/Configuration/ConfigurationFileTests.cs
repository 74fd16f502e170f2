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
    public void Says_what_is_wrong_across_and_inside_sections(string yaml, string expected) =>
        Assert.Contains(ConfigurationFile.Parse(yaml).Problems, p => p.ToString().StartsWith(expected, StringComparison.Ordinal));

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
