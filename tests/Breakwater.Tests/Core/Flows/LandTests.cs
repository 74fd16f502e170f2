using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Flows;

public class LandTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", FlowFlags.None, true)]
    [InlineData("2001:db8::1", "2001:db8::1", FlowFlags.None, true)]
    [InlineData("192.0.2.1", "192.0.2.2", FlowFlags.None, false)]
    [InlineData("192.0.2.1", "192.0.2.1", FlowFlags.Loopback, false)]
    [InlineData("127.0.0.1", "127.0.0.1", FlowFlags.None, false)]
    [InlineData("127.9.9.9", "127.9.9.9", FlowFlags.None, false)]
    [InlineData("::1", "::1", FlowFlags.None, false)]
    public void A_machine_that_talks_to_itself_is_no_attack(string source, string destination, FlowFlags flags, bool land) =>
        Assert.Equal(land, new Flow { Source = IpAddr.Parse(source), Destination = IpAddr.Parse(destination), Flags = flags }.IsLand);
}
