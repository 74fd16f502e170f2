using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Server.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Server.Configuration;

public class OptionsBinderTests
{
    [Fact]
    public void Reads_every_type_of_value()
    {
        var options = Good("""
            enabled: yes
            packets_per_second: 1.5M
            buffer: 16MiB
            port: 2055
            hold: 1h30m
            name: "10k"
            address: 2001:db8::1
            listen: "[::1]:4739"
            action: rate-limit
            home: [192.0.2.0/24, 2001:db8::/32]
            rates: {7: 1000, 8: 2k}
            group: {floor: 10}
            groups:
              mail: {floor: 20, above: [198.51.100.0/24]}
            """);

        Assert.True(options.Enabled);
        Assert.Equal(1_500_000, options.PacketsPerSecond);
        Assert.Equal(16 << 20, options.Buffer);
        Assert.Equal(2055, options.Port);
        Assert.Equal(TimeSpan.FromMinutes(90), options.Hold);
        Assert.Equal("10k", options.Name);
        Assert.Equal(IpAddr.Parse("2001:db8::1"), options.Address);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 4739), options.Listen);
        Assert.Equal(MitigationAction.RateLimit, options.Action);
        Assert.Equal([Prefix.Parse("192.0.2.0/24"), Prefix.Parse("2001:db8::/32")], options.Home);
        Assert.Equal(2000u, options.Rates[8]);
        Assert.Equal(10, options.Group.Floor);
        Assert.Equal(20, options.Groups["mail"].Floor);
        Assert.Equal([Prefix.Parse("198.51.100.0/24")], options.Groups["mail"].Above);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n")]
    [InlineData("packets_per_second:\n")]
    public void What_is_not_written_keeps_its_default(string yaml)
    {
        if (yaml.StartsWith("packets", StringComparison.Ordinal)) Assert.Equal(["packets_per_second: has no value: write a number (line 1)"], Bad(yaml));
        else Assert.Equal(50_000, Good(yaml).PacketsPerSecond);
    }

    [Fact]
    public void An_empty_section_is_a_section_of_defaults() => Assert.Equal(5, Good("group:\n").Group.Floor);

    [Fact]
    public void Null_clears_what_may_be_absent() => Assert.Null(Good("limit: null").Limit);

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("5s", 5)]
    [InlineData("2m", 120)]
    [InlineData("1h", 3600)]
    [InlineData("30d", 30 * 86400)]
    [InlineData("1d 12h", 36 * 3600)]
    [InlineData("0.25s", 0.25)]
    public void Reads_durations(string written, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Good($"hold: {written}").Hold);

    [Theory]
    [InlineData("packets_per_second: abc", "packets_per_second: 'abc' is not a number (line 1)")]
    [InlineData("packets_per_second: 10 kilo", "packets_per_second: '10 kilo' is not a number (line 1)")]
    [InlineData("packets_per_second: 0", "packets_per_second: 0 is outside 1 to 1T (line 1)")]
    [InlineData("packets_per_second: 2e12", "packets_per_second: 2T is outside 1 to 1T (line 1)")]
    [InlineData("packets_per_second: [1]", "packets_per_second: must be a number, not a list (line 1)")]
    [InlineData("pakets_per_second: 1", "pakets_per_second: no such key; was 'packets_per_second' meant? (line 1)")]
    [InlineData("group: {flor: 1}", "group.flor: no such key; was 'floor' meant? (line 1)")]
    [InlineData("group: {zzz: 1}", "group.zzz: no such key here; known: floor, above (line 1)")]
    [InlineData("group: 7", "group: must be a map of keys and values (line 1)")]
    [InlineData("buffer: 1.5", "buffer: '1.5' is not a whole number (line 1)")]
    [InlineData("buffer: 3G", "buffer: '3G' is not a whole number (line 1)")]
    [InlineData("port: 70000", "port: '70000' is not a whole number from 0 to 65535 (line 1)")]
    [InlineData("hold: 5", "hold: '5' is not a duration such as 500ms, 5s, 2m, 1h or 30d (line 1)")]
    [InlineData("hold: 5 weeks", "hold: '5 weeks' is not a duration such as 500ms, 5s, 2m, 1h or 30d (line 1)")]
    [InlineData("hold: 31d", "hold: 31d is outside 250ms to 30d (line 1)")]
    [InlineData("enabled: maybe", "enabled: 'maybe' is not true or false (line 1)")]
    [InlineData("address: 192.0.2", "address: '192.0.2' is not an address such as 192.0.2.1 or 2001:db8::1 (line 1)")]
    [InlineData("listen: 2055", "listen: '2055' is not an address and port such as 127.0.0.1:2055 or [::1]:2055 (line 1)")]
    [InlineData("listen: 127.0.0.1:99999", "listen: '127.0.0.1:99999' is not an address and port such as 127.0.0.1:2055 or [::1]:2055 (line 1)")]
    [InlineData("action: reject", "action: 'reject' is not one of rate-limit, drop, divert, blackhole (line 1)")]
    [InlineData("home: 192.0.2.0/24", "home: must be a list, such as [192.0.2.0/24] (line 1)")]
    [InlineData("home: [192.0.2.1/24]", "home[0]: '192.0.2.1/24' has bits set beyond its length; was 192.0.2.0/24 meant? (line 1)")]
    [InlineData("home: [192.0.2.0/33]", "home[0]: '192.0.2.0/33' is not a prefix such as 192.0.2.0/24 or 2001:db8::/32 (line 1)")]
    [InlineData("home: [a, b]", "home[0]: 'a' is not a prefix such as 192.0.2.0/24 or 2001:db8::/32 (line 1)", "home[1]: 'b' is not a prefix such as 192.0.2.0/24 or 2001:db8::/32 (line 1)")]
    [InlineData("rates: {x: 1}", "rates.x: 'x' is not a whole number (line 1)")]
    [InlineData("rates: {1: 5, 1k: 5, 1000: 6}", "rates.1000: stands here twice (line 1)")]
    [InlineData("name: a-name-that-is-too-long", "name: has more than 10 characters (line 1)")]
    [InlineData("group: {floor: 99}", "group.floor: more than any network has (line 1)")]
    [InlineData("port: 1\nport: 2", "port: stands here again, first on line 1 (line 2)")]
    [InlineData("port: *none", "port: no anchor '&none' stands before this alias (line 1)", "port: has no value: write a whole number from 0 to 65535 (line 1)")]
    [InlineData("port: !!int 5", "port: tags such as 'tag:yaml.org,2002:int' are not read (line 1)")]
    [InlineData("port: 1\n---\nport: 2", "a second document ('---'): the file holds one (line 2)")]
    [InlineData("- 1", "must be a map of keys and values (line 1)")]
    public void Says_what_is_wrong_and_where(string yaml, params string[] problems) => Assert.Equal(problems, Bad(yaml));

    [Theory]
    [InlineData("home: [192.0.2.0/24\nport: 5")]
    [InlineData("port: \"5")]
    [InlineData("{")]
    [InlineData("a: b: c")]
    [InlineData("%YAML 9.9\n---\nport: 1")]
    [InlineData("\0\0\0")]
    [InlineData("? [a]\n: b")]
    public void Text_that_is_no_configuration_is_one_message_with_a_line(string yaml)
    {
        var problem = Assert.Single(Bad(yaml));
        Assert.DoesNotContain('\n', problem);
        Assert.Contains("(line ", problem);
    }

    [Fact]
    public void Reports_every_mistake_at_once_with_its_line()
    {
        var problems = Bad("""
            port: x
            group:
              floor: y
              colour: red
            hold: z
            """);
        Assert.Equal(["port", "group.floor", "group.colour", "hold"], problems.Select(p => p.Split(':')[0]));
        Assert.Equal(["(line 1)", "(line 3)", "(line 4)", "(line 5)"], problems.Select(p => p[p.LastIndexOf('(')..]));
    }

    [Fact]
    public void An_anchor_may_be_used_again()
    {
        var options = Good("groups: {a: &a {floor: 7}, b: *a}");
        Assert.Equal(7, options.Groups["b"].Floor);
    }

    [Fact]
    public void Aliases_that_expand_without_end_are_refused_quickly()
    {
        var yaml = "x0: &x0 [192.0.2.0/24]\n" + string.Concat(Enumerable.Range(1, 11).Select(i => $"x{i}: &x{i} [{string.Join(',', Enumerable.Repeat($"*x{i - 1}", 9))}]\n"))
            + "nested: *x11\n";
        var problems = Bad(yaml);
        Assert.Contains(problems, p => p.Contains("expand to more than the file may hold", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_too_long_or_too_deep_is_refused()
    {
        Assert.Contains("at most 1048576 are read", Assert.Single(Bad(new string('#', (1 << 20) + 1))));
        Assert.Contains("levels deep", Assert.Single(Bad("home: " + new string('[', 5000))));
    }

    [Fact]
    public void A_file_full_of_mistakes_is_cut_after_a_hundred() =>
        Assert.Equal(101, Bad(string.Concat(Enumerable.Range(0, 5000).Select(i => $"k{i}: 1\n"))).Count);

    [Fact]
    public void Never_throws_whatever_the_text()
    {
        const string good = "home: [192.0.2.0/24, '2001:db8::/32']\nhold: 5s\ngroup: &g {floor: 3}\ngroups:\n  a: *g\n  b:\n    above:\n      - 192.0.2.0/24\nname: |\n  x\n";
        const string letters = "[]{}&*!|>'\"%@`,:?- #\n\t\0aé\uFFFF\uD800";
        for (var at = 0; at < good.Length; at++)
        {
            Read(good[..at]);
            foreach (var letter in letters)
            {
                Read(good[..at] + letter + good[(at + 1)..]);
                Read(good[..at] + letter + good[at..]);
            }
        }
        Prop.ForAll<string>(text => { Read(text ?? ""); }).QuickCheckThrowOnFailure();
    }

    private static Sample Good(string yaml)
    {
        var (options, problems) = Read(yaml);
        Assert.Empty(problems);
        return options;
    }

    private static IReadOnlyList<string> Bad(string yaml)
    {
        var (_, problems) = Read(yaml);
        Assert.NotEmpty(problems);
        return problems;
    }

    private static (Sample Options, IReadOnlyList<string> Problems) Read(string yaml)
    {
        var problems = new ConfigurationProblems();
        var options = new Sample();
        var root = YamlReader.Read(yaml, problems);
        if (problems.Count == 0 || root is not null) new OptionsBinder(problems).Bind(root, options, "");
        return (options, [.. problems.All.Select(p => p.ToString())]);
    }

    public sealed class Sample
    {
        public bool Enabled { get; set; }

        [Range(1, 1e12)]
        public double PacketsPerSecond { get; set; } = 50_000;
        public int Buffer { get; set; } = 4096;
        public ushort Port { get; set; }

        [Range(typeof(TimeSpan), "00:00:00.25", "30.00:00:00")]
        public TimeSpan Hold { get; set; } = TimeSpan.FromSeconds(5);

        [MaxLength(10)]
        public string Name { get; set; } = "";
        public double? Limit { get; set; } = 3;
        public IpAddr Address { get; set; }
        public IPEndPoint? Listen { get; set; }
        public MitigationAction Action { get; set; }
        public IReadOnlyList<Prefix> Home { get; set; } = [];
        public Dictionary<uint, uint> Rates { get; } = [];
        public SampleGroup Group { get; set; } = new();
        public Dictionary<string, SampleGroup> Groups { get; set; } = [];
        public List<List<List<List<List<List<List<List<List<List<List<List<Prefix>>>>>>>>>>>> Nested { get; set; } = [];
    }

    public sealed class SampleGroup : IValidatableObject
    {
        public int Floor { get; set; } = 5;
        public Prefix[] Above { get; set; } = [];

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Floor > 50) yield return new ValidationResult("more than any network has", [nameof(Floor)]);
        }
    }
}
