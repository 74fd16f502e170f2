using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Net;

public class BogonsTests
{
    [Fact]
    public void The_quick_look_at_an_address_agrees_with_the_list()
    {
        foreach (var prefix in Bogons.MulticastAndBroadcast)
        {
            var first = prefix.Address;
            // Just before, first, inside or just after, for every prefix of the list: the edges are where a bit more or less would show.
            var last = prefix.IsV4 ? IpAddr.V4(first.V4Bits | (uint)(uint.MaxValue >> (prefix.Length - 1) >> 1)) : new IpAddr(first.High | ulong.MaxValue >> prefix.Length, ulong.MaxValue);
            var before = prefix.IsV4 ? IpAddr.V4(first.V4Bits - 1) : new IpAddr(first.High - 1, ulong.MaxValue);
            var after = prefix.IsV4 ? IpAddr.V4(last.V4Bits + 1) : new IpAddr(last.High + 1, 0);
            foreach (var address in new[] { before, first, last, after })
                Assert.Equal(Bogons.MulticastAndBroadcast.Any(p => p.Contains(address)), Bogons.IsMulticastOrBroadcast(address));
        }
    }
}
