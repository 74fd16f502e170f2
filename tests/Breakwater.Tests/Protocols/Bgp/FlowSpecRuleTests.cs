using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Bgp;

public class FlowSpecRuleTests
{
    private static FlowSpecValues Values(FlowSpecComponentType type, params FlowSpecTerm[] terms) => new(type, terms);

    private static FlowSpecPrefix To(string prefix, byte offset = 0) => new(FlowSpecComponentType.DestinationPrefix, Prefix.Parse(prefix), offset);

    private static FlowSpecPrefix From(string prefix, byte offset = 0) => new(FlowSpecComponentType.SourcePrefix, Prefix.Parse(prefix), offset);

    /// <summary>The examples of RFC 8955 §4.3 and RFC 8956 §3.8, in the order in which they stand there.</summary>
    private static readonly FlowSpecRule[] StandardExamples =
    [
        new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.0/24"), Values(FlowSpecComponentType.Protocol, new FlowSpecTerm(0x01, 6)), Values(FlowSpecComponentType.Port, new FlowSpecTerm(0x01, 25))]),
        new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.0/24"), From("203.0.113.0/24"), Values(FlowSpecComponentType.Port, new(0x03, 137), new(0x45, 139), new(0x11, 8080))]),
        new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.1/32"), Values(FlowSpecComponentType.Fragment, new FlowSpecTerm(0x00, 5))]),
        new(BgpFamily.Ipv6FlowSpec, [To("2001:db8::/32"), From("::1234:5678:9a00:0/104", 64), Values(FlowSpecComponentType.Protocol, new FlowSpecTerm(0x01, 6))]),
        new(BgpFamily.Ipv6FlowSpec, [To("2001:db8::/32"), From("::1234:5678:9a00:0/104", 65)]),
    ];

    [SharedDataFact("vectors/bgp")]
    public void Writes_and_reads_the_examples_of_the_standards()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "bgp", "rfc", "flowspec-examples.json")));
        var expected = file.RootElement.GetProperty("rfc8955").EnumerateArray().Concat(file.RootElement.GetProperty("rfc8956").EnumerateArray()).ToArray();
        Assert.Equal(expected.Length, StandardExamples.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var nlri = expected[i].GetProperty("nlri").GetString()!;
            Assert.Equal(nlri, Convert.ToHexStringLower(StandardExamples[i].Encode()));
            Assert.True(FlowSpecRule.TryDecode(StandardExamples[i].Family, Convert.FromHexString(nlri), out var rule, out _));
            Assert.Equal(StandardExamples[i], rule);
        }
        foreach (var length in file.RootElement.GetProperty("length_encoding").EnumerateArray())
            Assert.StartsWith(length.GetProperty("octets").GetString()!, Convert.ToHexStringLower(OfLength(length.GetProperty("length").GetInt32()).Encode()), StringComparison.Ordinal);
    }

    /// <summary>A rule whose octets behind the length field are as many as asked for.</summary>
    private static FlowSpecRule OfLength(int length)
    {
        var terms = Enumerable.Range(0, (length - 3) / 2).Select(i => new FlowSpecTerm(0x01, (ulong)i & 0xFF)).ToList();
        // One prefix of one or two octets makes up for odd and even.
        var rule = new FlowSpecRule(BgpFamily.Ipv4FlowSpec, [To(length % 2 == 0 ? "128.0.0.0/1" : "0.0.0.0/0"), Values(FlowSpecComponentType.Protocol, [.. terms])]);
        while (rule.Length > length)
        {
            terms.RemoveAt(0);
            rule = new FlowSpecRule(BgpFamily.Ipv4FlowSpec, [rule.Components[0], Values(FlowSpecComponentType.Protocol, [.. terms])]);
        }
        Assert.Equal(length, rule.Length);
        return rule;
    }

    [Fact]
    public void Reads_back_whatever_it_wrote() => Prop.ForAll(BgpSamples.Rules, rule =>
    {
        if (rule.Length > FlowSpecRule.MaxLength) return true;
        return FlowSpecRule.TryDecode(rule.Family, rule.Encode(), out var again, out _) && again.Equals(rule);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "wrong length")]
    [InlineData("00", "no component")]
    [InlineData("0203", "wrong length")]
    [InlineData("020118", "cut short")]
    [InlineData("020121", "prefix too long")]
    [InlineData("03030106", "cut short")]
    [InlineData("06048119038106", "components out of order")]
    [InlineData("06038106038111", "components out of order")]
    [InlineData("030e8106", "unknown component")]
    [InlineData("030d8106", "unknown component")]
    [InlineData("0609a100000002", "value too long")]
    [InlineData("040c910001", "value too long")]
    public void Refuses_what_the_standard_forbids(string hex, string problem)
    {
        Assert.False(FlowSpecRule.TryDecode(BgpFamily.Ipv4FlowSpec, Convert.FromHexString(hex), out _, out var said));
        Assert.Equal(problem, said);
    }

    [Fact]
    public void Takes_no_address_of_the_other_family_inside_an_ipv6_prefix()
    {
        byte[] mapped = [19, 1, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1];
        Assert.False(FlowSpecRule.TryDecode(BgpFamily.Ipv6FlowSpec, mapped, out _, out _));
    }

    [Fact]
    public void Ignores_an_and_before_the_first_value()
    {
        Assert.True(FlowSpecRule.TryDecode(BgpFamily.Ipv4FlowSpec, [3, 3, 0xC1, 6], out var rule, out _));
        Assert.Equal(Values(FlowSpecComponentType.Protocol, new FlowSpecTerm(0x01, 6)), Assert.Single(rule.Components));
    }

    [Fact]
    public void Sorts_rules_as_routers_apply_them()
    {
        // RFC 8955 §5.1: the more specific prefix first, then the lower address, then the rule that looks at more.
        FlowSpecRule[] sorted =
        [
            new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.7/32"), Values(FlowSpecComponentType.Protocol, new FlowSpecTerm(0x01, 6))]),
            new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.7/32"), Values(FlowSpecComponentType.Protocol, new FlowSpecTerm(0x01, 17))]),
            new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.7/32")]),
            new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.0/24")]),
            new(BgpFamily.Ipv4FlowSpec, [To("198.51.100.0/24")]),
            new(BgpFamily.Ipv4FlowSpec, [From("192.0.2.0/24")]),
        ];
        Assert.Equal(sorted, sorted.Reverse().Order(FlowSpecOrder.Instance));
    }

    [Fact]
    public void Sorts_rules_of_each_family_by_themselves()
    {
        // By their bits alone these would go round in a circle.
        FlowSpecRule[] sorted =
        [
            new(BgpFamily.Ipv4FlowSpec, [To("192.0.2.0/24")]),
            new(BgpFamily.Ipv6FlowSpec, [To("2000::/4")]),
            new(BgpFamily.Ipv6FlowSpec, [To("::/1")]),
        ];
        Assert.Equal(sorted, sorted.Reverse().Order(FlowSpecOrder.Instance));
    }

    [Fact]
    public void Its_order_is_an_order() => Prop.ForAll(BgpSamples.Rules, BgpSamples.Rules, BgpSamples.Rules, (a, b, c) =>
    {
        var order = FlowSpecOrder.Instance;
        var transitive = order.Compare(a, b) > 0 || order.Compare(b, c) > 0 || order.Compare(a, c) <= 0;
        return transitive && Math.Sign(order.Compare(a, b)) == -Math.Sign(order.Compare(b, a));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Actions_survive_the_way_through_communities()
    {
        FlowSpecActions[] all =
        [
            FlowSpecActions.Drop,
            new() { BytesPerSecond = 1_250_000 },
            new() { PacketsPerSecond = 1000, Sample = true, Continue = true },
            new() { RedirectTo = new RouteTarget(64500, 4_000_000_000, false) },
            new() { RedirectTo = new RouteTarget(4_200_000_001, 7, false) },
            new() { RedirectTo = new RouteTarget(0xC0000201, 7, true) },
            new() { RedirectToAddress = IpAddr.Parse("192.0.2.1"), Copy = true },
            new() { RedirectToAddress = IpAddr.Parse("2001:db8::1") },
            new() { RedirectToRouteNextHop = true },
            new() { Mark = 46 },
        ];
        Assert.All(all, actions => Assert.Equal(actions, FlowSpecActions.Of(actions.Communities(64500), actions.Ipv6Communities)));
        // RFC 8955 §7.1: type 0x8006, the AS, the rate as a float; 1.25 MB/s is 0x49989680.
        Assert.Equal(0x8006_FBF4_4998_9680u, Assert.Single(all[1].Communities(64500)).Value);
    }

    [Fact]
    public void A_negative_rate_means_nothing_passes() =>
        Assert.Equal(0f, FlowSpecActions.Of([new BgpExtendedCommunity(0x8006_0000_0000_0000 | BitConverter.SingleToUInt32Bits(-5f))], []).BytesPerSecond);
}
