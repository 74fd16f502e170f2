using System.Net;
using System.Text;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Net;

public class AddressTextTests
{
    private static bool TryParse(string text, out IpAddr address) => AddressText.TryParse(Encoding.UTF8.GetBytes(text), out address);

    [Theory]
    [InlineData("192.0.2.1"), InlineData("0.0.0.0"), InlineData("255.255.255.255"), InlineData("::"), InlineData("::1"), InlineData("2001:db8::")]
    [InlineData("2001:DB8:0:0:8:800:200C:417A"), InlineData("2001:db8::8:800:200c:417a"), InlineData("::ffff:192.0.2.1"), InlineData("64:ff9b::192.0.2.33")]
    [InlineData("1:2:3:4:5:6:7::"), InlineData("::2:3:4:5:6:7:8"), InlineData("1:2:3:4:5:6:192.0.2.1")]
    public void Reads_every_form_of_address(string text)
    {
        Assert.True(TryParse(text, out var address));
        Assert.Equal(IpAddr.From(IPAddress.Parse(text)), address);
    }

    [Theory]
    [InlineData(""), InlineData("-"), InlineData("1"), InlineData("1.2.3"), InlineData("1.2.3.4.5"), InlineData("1.2.3.256"), InlineData("1..2.3"), InlineData("01.2.3.4")]
    [InlineData("1.2.3.4 "), InlineData(":"), InlineData(":::"), InlineData("1::2::3"), InlineData("1:2:3:4:5:6:7"), InlineData("1:2:3:4:5:6:7:8:9"), InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("12345::"), InlineData("g::"), InlineData("1:"), InlineData("::1%eth0"), InlineData("1:2:3:4:5:6:7:1.2.3.4"), InlineData("00:00:00:00:00:00")]
    public void Refuses_what_is_no_address(string text) => Assert.False(TryParse(text, out _));

    [Fact]
    public void Reads_back_whatever_the_platform_writes()
    {
        Prop.ForAll<ulong, ulong, bool>((high, low, v4) =>
        {
            // Zero groups are what makes the text form hard.
            var address = v4 ? IpAddr.V4((uint)low) : new IpAddr(high & (high << 7), low & (low << 9));
            return TryParse(address.ToString(), out var parsed) && parsed == address;
        }).QuickCheckThrowOnFailure();
    }
}
