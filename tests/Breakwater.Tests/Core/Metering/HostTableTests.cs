using System.Runtime.Intrinsics;
using Breakwater.Core.Metering;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Metering;

public class HostTableTests
{
    [Fact]
    public void Finds_every_host_of_both_families_after_growing()
    {
        using var table = new HostTable(200_000);
        for (var i = 0; i < 100_000; i++)
        {
            Assert.Equal(2 * i, table.Add(V4(i), 0, 0));
            Assert.Equal(2 * i + 1, table.Add(V6(i), 0, 0));
        }
        for (var i = 0; i < 100_000; i++)
        {
            Assert.Equal(2 * i, table.Find(V4(i)));
            Assert.Equal(2 * i + 1, table.Find(V6(i)));
        }
        Assert.Equal(-1, table.Find(V4(100_000)));
        Assert.Equal(-1, table.Find(V6(100_000)));
    }

    [Fact]
    public void A_full_table_refuses_and_counts()
    {
        using var table = new HostTable(10);
        for (var i = 0; i < 25; i++) table.Add(V4(i), 0, 0);
        Assert.Equal(10, table.Count);
        Assert.Equal(15, table.Refused);
    }

    [Fact]
    public void Compacting_keeps_the_busy_and_the_watched_with_their_counters()
    {
        using var table = new HostTable(100);
        for (var i = 0; i < 100; i++) table.At(table.Add(V4(i), (byte)(i % 3), (uint)(i * 1000))).Directions[HostCounters.Out].Levels = Vector256.Create((float)i);
        table.At(table.Find(V4(5))).Watch = 7;
        var moved = new List<(ushort, int)>();
        var dropped = table.Compact(now: 100_000, idleMilliseconds: 20_000, (watch, slot) => moved.Add((watch, slot)));

        Assert.Equal(79, dropped);
        Assert.Equal(21, table.Count);
        Assert.Equal([((ushort)7, table.Find(V4(5)))], moved);
        for (var i = 80; i < 100; i++) Assert.Equal(i, table.At(table.Find(V4(i))).Directions[HostCounters.Out].Levels[0]);
        Assert.Equal(-1, table.Find(V4(50)));
        Assert.True(table.Add(V4(1000), 0, 0) >= 0);
    }

    private static IpAddr V4(int i) => IpAddr.V4(0xC000_0200u + (uint)i);
    private static IpAddr V6(int i) => new(0x2001_0db8_0000_0000, (ulong)i * 0x1_0000_0001);
}
