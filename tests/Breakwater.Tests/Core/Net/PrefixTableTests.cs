using Breakwater.Core.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Core.Net;

public class PrefixTableTests
{
    [Fact]
    public void Finds_the_longest_prefix_of_several()
    {
        var table = Table("192.0.2.0/24", "192.0.2.128/25", "192.0.2.200/32", "2001:db8::/32", "2001:db8:1::/48");

        Assert.Equal("192.0.2.0/24", Answer(table, "192.0.2.1"));
        Assert.Equal("192.0.2.128/25", Answer(table, "192.0.2.129"));
        Assert.Equal("192.0.2.200/32", Answer(table, "192.0.2.200"));
        Assert.Equal("2001:db8:1::/48", Answer(table, "2001:db8:1::7"));
        Assert.Equal("2001:db8::/32", Answer(table, "2001:db8:2::7"));
        Assert.Null(Answer(table, "198.51.100.1"));
        Assert.Null(Answer(table, "2001:db9::"));
    }

    [Fact]
    public void Keeps_the_families_apart()
    {
        Assert.Null(Answer(Table("::/0"), "192.0.2.1"));
        Assert.Null(Answer(Table("0.0.0.0/0"), "2001:db8::1"));
    }

    [Fact]
    public void Lets_the_later_of_two_equal_prefixes_count()
    {
        var prefix = Prefix.Parse("192.0.2.0/24");
        var table = new PrefixTable<string>([new(prefix, "first"), new(prefix, "second")]);

        Assert.True(table.TryFind(IpAddr.Parse("192.0.2.9"), out var value));
        Assert.Equal("second", value);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Holds_nothing_when_empty()
    {
        var table = Table();
        Assert.False(table.Contains(IpAddr.Parse("192.0.2.1")));
        Assert.False(table.Contains(IpAddr.Parse("2001:db8::1")));
    }

    /// <summary>Addresses of only a few bits of variety, so that prefixes nest, touch and meet the ends of the address space.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(25)]
    [InlineData(400)]
    public void Agrees_with_trying_every_prefix(int prefixes) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var list = Enumerable.Range(0, prefixes).Select(_ => SomePrefix(random)).Distinct().ToArray();
            var table = new PrefixTable<Prefix>(list.Select(p => KeyValuePair.Create(p, p)));
            for (var i = 0; i < 300; i++)
            {
                var near = list[random.Next(list.Length)].Address;
                var address = random.Next(3) == 0 ? SomeAddress(random) : Nudge(near, random);
                var holding = list.Where(p => p.Contains(address)).ToArray();
                var found = table.TryFind(address, out var answer);
                if (found != holding.Length > 0 || (found && answer != holding.MaxBy(p => p.Length))) return false;
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Finds_each_of_a_hundred_thousand_prefixes()
    {
        var random = new Random(7);
        var list = Enumerable.Range(0, 100_000)
            .Select(i => i % 2 == 0 ? new Prefix(IpAddr.V4((uint)random.NextInt64(1L << 32)), 24) : new Prefix(new IpAddr(0x2001_0DB8UL << 32 | (uint)random.NextInt64(1L << 32), 0), 64))
            .Distinct().ToArray();
        var table = new PrefixTable<Prefix>(list.Select(p => KeyValuePair.Create(p, p)));
        Assert.All(list, prefix => Assert.True(table.TryFind(prefix.Address, out var found) && found == prefix));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1000)]
    public void Allocates_nothing_once_built(int prefixes)
    {
        var random = new Random(3);
        var table = new PrefixTable<int>(Enumerable.Range(0, prefixes).Select(i => KeyValuePair.Create(SomePrefix(random), i)));
        var four = IpAddr.Parse("192.0.2.1");
        var six = IpAddr.Parse("2001:db8::1");
        var found = table.Find(four) + table.Find(six);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) found += table.Find(four) + table.Find(six);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotEqual(int.MinValue, found);
    }

    private static PrefixTable<string> Table(params string[] prefixes) =>
        new(prefixes.Select(p => KeyValuePair.Create(Prefix.Parse(p), p)));

    private static string? Answer(PrefixTable<string> table, string address) =>
        table.TryFind(IpAddr.Parse(address), out var value) ? value : null;

    private static Prefix SomePrefix(Random random)
    {
        var address = SomeAddress(random);
        return new Prefix(address, random.Next(address.Bits + 1));
    }

    private static IpAddr SomeAddress(Random random)
    {
        byte[] few = [0, 1, 2, 127, 128, 254, 255];
        Span<byte> bytes = stackalloc byte[16];
        foreach (ref var b in bytes) b = few[random.Next(few.Length)];
        return random.Next(2) == 0 ? IpAddr.V4(bytes) : IpAddr.V6(bytes);
    }

    /// <summary>The address itself, or one just beside it.</summary>
    private static IpAddr Nudge(IpAddr address, Random random)
    {
        var step = (ulong)(long)random.Next(-1, 2) << random.Next(address.IsV4 ? 32 : 64);
        return address.IsV4 ? IpAddr.V4(address.V4Bits + (uint)step) : new IpAddr(address.High + step, address.Low + step);
    }
}
