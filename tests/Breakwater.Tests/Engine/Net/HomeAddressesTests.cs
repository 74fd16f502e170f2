using System.Net;
using Breakwater.Core.Net;
using Breakwater.Engine.Net;

namespace Breakwater.Tests.Engine.Net;

public class HomeAddressesTests
{
    [Fact]
    public void Own_addresses_outside_private_space_are_home_as_hosts()
    {
        var home = HomeAddresses.With([IPAddress.Parse("198.51.100.7"), IPAddress.Parse("10.1.2.3"), IPAddress.Parse("2001:db8::7"), IPAddress.Parse("fe80::1%3"), IPAddress.Loopback]);
        Assert.Contains(Prefix.Parse("198.51.100.7"), home);
        Assert.Contains(Prefix.Parse("2001:db8::7"), home);
        Assert.DoesNotContain(Prefix.Parse("10.1.2.3"), home);
        Assert.DoesNotContain(Prefix.Parse("fe80::1"), home);
        Assert.Contains(home, prefix => prefix.Contains(IpAddr.Parse("127.0.0.1")));
    }
}
