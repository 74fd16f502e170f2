using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Coap;

public class BlockTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_800_000_000);

    /// <summary>RFC 7959 §3.1 writes 2:0/1/128 for a Block2 option of number 0, more, 128 octets.</summary>
    [Theory]
    [InlineData(0, true, 3, "0b")]
    [InlineData(1, false, 3, "13")]
    [InlineData(0, false, 0, "")]
    [InlineData(62, true, 6, "03ee")]
    public void Writes_and_reads_the_option(int number, bool more, int exponent, string hex)
    {
        var block = new CoapBlock(number, more, exponent);
        Assert.Equal(hex, Convert.ToHexStringLower(block.ToOption(CoapOptions.Block2).Value.Span));
        Assert.Equal(block, CoapBlock.Of(new CoapMessage { Options = [block.ToOption(CoapOptions.Block2)] }, CoapOptions.Block2, reliable: false, out _));
    }

    [Fact]
    public void Puts_together_what_was_cut_whatever_the_sizes() =>
        Prop.ForAll<PositiveInt, PositiveInt, bool>((length, max, bert) =>
        {
            var payload = Enumerable.Range(0, length.Get * 37 % 9000 + 1).Select(i => (byte)i).ToArray();
            var maxPayload = max.Get * 100 % 5000 + 16;
            var response = new CoapMessage { Code = CoapCode.Content, Payload = payload };
            var assembly = new BlockAssembly(10_000, 4);
            CoapBlock? wanted = null;
            for (var turn = 0; turn < 1000; turn++)
            {
                var slice = BlockSlices.Slice(response, wanted, maxPayload, bert);
                if (slice.Payload.Length > maxPayload) return false;
                if (CoapBlock.Of(slice, CoapOptions.Block2, reliable: true, out _) is not { } block) return slice.Payload.Span.SequenceEqual(payload);
                var code = assembly.Add(Now, "k", block, slice.Payload.Span, out var whole);
                if (code is null) return whole.Span.SequenceEqual(payload);
                if (code != CoapCode.Continue) return false;
                wanted = new CoapBlock((int)((block.Offset + slice.Payload.Length) / block.Size), false, block.Exponent);
            }
            return false;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Refuses_a_missing_block_a_short_one_and_too_many()
    {
        var assembly = new BlockAssembly(64, 2);
        Assert.Equal(CoapCode.RequestEntityIncomplete, assembly.Add(Now, "a", new CoapBlock(1, true, 0), new byte[16], out _));
        Assert.Equal(CoapCode.Continue, assembly.Add(Now, "a", new CoapBlock(0, true, 0), new byte[16], out _));
        Assert.Equal(CoapCode.RequestEntityIncomplete, assembly.Add(Now, "a", new CoapBlock(2, true, 0), new byte[16], out _));
        Assert.Equal(CoapCode.BadRequest, assembly.Add(Now, "a", new CoapBlock(1, true, 0), new byte[15], out _));
        Assert.Equal(CoapCode.RequestEntityTooLarge, assembly.Add(Now, "a", new CoapBlock(4, false, 0), new byte[1], out _));
    }

    [Fact]
    public void Gives_up_the_oldest_of_too_many_payloads_and_those_nobody_continues()
    {
        var assembly = new BlockAssembly(64, 2);
        foreach (var (key, second) in new[] { ("a", 0), ("b", 1), ("c", 2) })
            Assert.Equal(CoapCode.Continue, assembly.Add(Now + TimeSpan.FromSeconds(second), key, new CoapBlock(0, true, 0), new byte[16], out _));
        Assert.Equal(CoapCode.RequestEntityIncomplete, assembly.Add(Now + TimeSpan.FromSeconds(3), "a", new CoapBlock(1, false, 0), new byte[1], out _));
        Assert.Null(assembly.Add(Now + TimeSpan.FromSeconds(3), "b", new CoapBlock(1, false, 0), new byte[1], out var whole));
        Assert.Equal(17, whole.Length);
        Assert.Equal(CoapCode.RequestEntityIncomplete, assembly.Add(Now + TimeSpan.FromHours(1), "c", new CoapBlock(1, false, 0), new byte[1], out _));
    }

    /// <summary>RFC 7641 §3.4.</summary>
    [Fact]
    public void Tells_newer_notifications_from_older_ones_across_the_wrap()
    {
        var order = new ObserveOrder();
        Assert.True(order.IsNewer(Now, 0xFFFFFE));
        Assert.True(order.IsNewer(Now, 3));
        Assert.False(order.IsNewer(Now, 0xFFFFFF));
        Assert.False(order.IsNewer(Now, 3));
        Assert.True(order.IsNewer(Now + TimeSpan.FromSeconds(129), 1));
    }
}
