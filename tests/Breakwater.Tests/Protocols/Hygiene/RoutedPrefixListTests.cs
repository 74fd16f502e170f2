using System.Text;
using Breakwater.Core.Net;
using Breakwater.Protocols.Hygiene;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Hygiene;

public class RoutedPrefixListTests
{
    [Fact]
    public void Reads_a_prefix_a_line_and_pfx2as()
    {
        var prefixes = RoutedPrefixList.Read("# a table\r\n192.0.2.0/24\r\n2001:db8::/32 via fe80::1\n198.51.100.0\t24\t64500\n\n203.0.113.0/24,64501\n"u8, out var skipped);
        Assert.Equal([Prefix.Parse("192.0.2.0/24"), Prefix.Parse("2001:db8::/32"), Prefix.Parse("198.51.100.0/24"), Prefix.Parse("203.0.113.0/24")], prefixes);
        Assert.Equal(0, skipped);
    }

    [Theory]
    [InlineData("192.0.2.1/24")] // a host within it, not a prefix
    [InlineData("192.0.2.0")] // an address alone is no route
    [InlineData("192.0.2.0\t33\t64500")]
    [InlineData("default 192.0.2.1")]
    [InlineData("192.0.2.0 24")]
    public void Passes_over_and_counts_what_is_no_prefix(string line)
    {
        Assert.Empty(RoutedPrefixList.Read(Encoding.UTF8.GetBytes(line), out var skipped));
        Assert.Equal(1, skipped);
    }

    [Fact]
    public void Survives_anything() => Prop.ForAll<byte[]>(text => RoutedPrefixList.Read(text, out _).Count <= text.Length).QuickCheckThrowOnFailure();
}
