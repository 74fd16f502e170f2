using System.Text;
using Breakwater.Core.Behaviour.Names;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Core.Behaviour.Names;

public class RegisteredDomainTests
{
    private static string? Find(string name) =>
        RegisteredDomain.TryFind(Encoding.Latin1.GetBytes(name), out var domain) ? $"{Text(domain.Host)}|{Text(domain.Label)}|{Text(domain.Domain)}" : null;

    private static string Text(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);

    [Theory]
    [InlineData("www.example.com", "www|example|example.com")]
    [InlineData("example.com", "|example|example.com")]
    [InlineData("a.b.example.co.uk", "a.b|example|example.co.uk")]
    [InlineData("www.example.de", "www|example|example.de")]
    [InlineData("com.example.net", "com|example|example.net")]
    [InlineData("bot.xkcd.duckdns.org", "bot|xkcd|xkcd.duckdns.org")]
    public void Finds_who_registered_a_name(string name, string expected) => Assert.Equal(expected, Find(name));

    [Theory]
    [InlineData(""), InlineData("localhost"), InlineData("co.uk"), InlineData("duckdns.org"), InlineData("7.2.0.192.in-addr.arpa"), InlineData("printer.local"), InlineData("nas.home"), InlineData("192.0.2.7"), InlineData("example."), InlineData(".com")]
    public void Finds_nobody_behind_names_that_nobody_registered(string name) => Assert.Null(Find(name));

    [Fact]
    public void Takes_any_name_apart_without_losing_an_octet() =>
        Prop.ForAll<byte[]>(name => !RegisteredDomain.TryFind(name, out var domain) || (domain.Domain.StartsWith(domain.Label)
            && domain.Host.Length + (domain.Domain.Length == name.Length ? 0 : 1) + domain.Domain.Length == name.Length)).QuickCheckThrowOnFailure();
}
