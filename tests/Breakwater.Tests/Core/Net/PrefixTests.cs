using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Net;

public class PrefixTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("192.0.2.0/24", "192.0.3.0/24", "192.0.2.0/23")]
    [InlineData("192.0.1.0/24", "192.0.2.0/24", "192.0.0.0/22")]
    [InlineData("192.0.2.0/24", "192.0.2.7", "192.0.2.0/24")]
    [InlineData("0.0.0.0/32", "255.255.255.255", "0.0.0.0/0")]
    [InlineData("2001:db8:0:1::/64", "2001:db8:0:2::/64", "2001:db8::/62")]
    [InlineData("2001:db8::1", "2001:db8::2", "2001:db8::/126")]
    public void Covering_is_the_smallest_that_holds_both(string a, string b, string cover)
    {
        Assert.Equal(Prefix.Parse(cover), Prefix.Covering(Prefix.Parse(a), Prefix.Parse(b)));
        Assert.Equal(Prefix.Parse(cover), Prefix.Covering(Prefix.Parse(b), Prefix.Parse(a)));
    }

    [Fact]
    public void Nothing_covers_two_families() => Assert.Null(Prefix.Covering(Prefix.Parse("0.0.0.0/0"), Prefix.Parse("::/0")));

    [Theory]
    [InlineData("192.0.2.0/24 192.0.3.0/24", "192.0.2.0/23")]
    [InlineData("192.0.1.0/24 192.0.2.0/24", "192.0.1.0/24 192.0.2.0/24")]
    [InlineData("192.0.3.0/24 192.0.0.0/24 192.0.2.0/24 192.0.1.0/24", "192.0.0.0/22")]
    [InlineData("192.0.2.0/24 192.0.2.128/25 192.0.3.0/24", "192.0.2.0/23")]
    [InlineData("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0")]
    [InlineData("2001:db8::/64 2001:db8:0:1::/64 10.0.0.0/8", "10.0.0.0/8 2001:db8::/63")]
    [InlineData("", "")]
    public void Merged_holds_the_same_in_the_fewest(string prefixes, string merged) =>
        Assert.Equal(Parse(merged), Prefix.Merged(Parse(prefixes)));

    private static IEnumerable<Prefix> Parse(string prefixes) => prefixes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Prefix.Parse);
}
