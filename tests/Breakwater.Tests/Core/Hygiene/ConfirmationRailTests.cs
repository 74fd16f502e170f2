using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Detection;
using Breakwater.Core.Hygiene;
using Breakwater.Core.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Core.Hygiene;

public class ConfirmationRailTests
{
    private static readonly Prefix Ours = Prefix.Parse("192.0.2.0/24"), OursSix = Prefix.Parse("2001:db8::/32");
    private static readonly HomeNetwork Home = new([Ours, OursSix], []);
    private static readonly ReflectorOptions All = new() { Confirm = Enum.GetValues<ReflectorQuestion>() };

    [Fact]
    public void By_default_nobody_is_asked() =>
        Assert.All(Enum.GetValues<ReflectorQuestion>(), q => Assert.NotNull(ConfirmationRail.Refuses(IpAddr.Parse("192.0.2.7"), q.Port(), Home, new ReflectorOptions())));

    [Fact]
    public void Only_what_is_listed_is_asked_for()
    {
        var options = new ReflectorOptions { Confirm = [ReflectorQuestion.Ntp] };
        Assert.Null(ConfirmationRail.Refuses(IpAddr.Parse("192.0.2.7"), 123, Home, options));
        Assert.NotNull(ConfirmationRail.Refuses(IpAddr.Parse("192.0.2.7"), 53, Home, options));
        Assert.NotNull(ConfirmationRail.Refuses(IpAddr.Parse("192.0.2.7"), 19, Home, All));
    }

    [Fact]
    public void Where_home_is_guessed_nobody_is() =>
        Assert.NotNull(ConfirmationRail.Refuses(IpAddr.Parse("192.0.2.7"), 53, new HomeNetwork([Ours], []) { IsInferred = true }, All));

    [Theory]
    [InlineData("203.0.113.9")]
    [InlineData("2001:db9::1")]
    [InlineData("224.0.0.1")]
    [InlineData("127.0.0.1")]
    public void Nobody_elsewhere_is(string host) => Assert.NotNull(ConfirmationRail.Refuses(IpAddr.Parse(host), 53, Home, All));

    [Fact]
    public void Whatever_the_address_and_port_only_home_passes() =>
        Prop.ForAll<ulong, ulong, bool>((high, low, four) =>
        {
            // Half of them near home.
            var host = four ? IpAddr.V4((uint)(low % 2 == 0 ? 0xC000_0000 | (high & 0xFFF) : high)) : new IpAddr(low % 2 == 0 ? 0x2001_0DB8_0000_0000 ^ (high & 0x1_0000_0000) : high, low);
            foreach (var question in Enum.GetValues<ReflectorQuestion>())
                if (ConfirmationRail.Refuses(host, question.Port(), Home, All) is null && !Ours.Contains(host) && !OursSix.Contains(host)) return false;
            return true;
        }).QuickCheckThrowOnFailure();
}
