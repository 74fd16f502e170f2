using System.Net;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Server.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Server.Configuration;

public class ScalarValuesTests
{
    [Fact]
    public void A_duration_that_is_written_reads_back() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(n => TimeSpan.FromMicroseconds(n)).ToArbitrary(), ReadsBack).QuickCheckThrowOnFailure();

    [Fact]
    public void A_rate_that_is_written_reads_back() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).SelectMany(n => Gen.Elements(1.0, 0.5, 1e3, 1e6, 1e9).Select(unit => n * unit)).ToArbitrary(), ReadsBack).QuickCheckThrowOnFailure();

    [Fact]
    public void A_whole_number_that_is_written_reads_back()
    {
        Prop.ForAll<int>(ReadsBack).QuickCheckThrowOnFailure();
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(n => (uint)n * 2).ToArbitrary(), ReadsBack).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_prefix_that_is_written_reads_back()
    {
        var v4 = Gen.Choose(int.MinValue, int.MaxValue).SelectMany(a => Gen.Choose(0, 32).Select(l => new Prefix(IpAddr.V4((uint)a), l)));
        var v6 = Gen.Choose(int.MinValue, int.MaxValue).SelectMany(a => Gen.Choose(0, 128).Select(l => new Prefix(new IpAddr(0x2001_0DB8_0000_0000UL | (uint)a, (ulong)(uint)a << 20), l)));
        Prop.ForAll(Gen.OneOf(v4, v6).ToArbitrary(), ReadsBack).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("127.0.0.1", 2055)]
    [InlineData("::1", 65535)]
    public void An_address_and_port_that_are_written_read_back(string address, int port) => Assert.True(ReadsBack(new IPEndPoint(IPAddress.Parse(address), port)));

    [Fact]
    public void Every_word_of_a_closed_list_reads_back() => Assert.All(Enum.GetValues<MitigationAction>(), action => Assert.True(ReadsBack(action)));

    private static bool ReadsBack<T>(T value) where T : notnull =>
        ScalarValues.Read(typeof(T), ScalarValues.Write(value), out var read) is null && value.Equals(read);
}
