using Breakwater.Protocols.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Net;

public class WireReaderTests
{
    private static readonly byte[] OneToSixteen = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    [Fact]
    public void Reads_integers_in_network_order()
    {
        var reader = new WireReader(OneToSixteen);

        Assert.Equal(0x01, reader.U8());
        Assert.Equal(0x0203, reader.U16());
        Assert.Equal(0x04050607u, reader.U32());
        Assert.Equal(0x08090A0B0C0D0E0FuL, reader.U64());
        Assert.Equal(15, reader.Position);
        Assert.Equal(1, reader.Remaining);
        Assert.False(reader.Failed);
    }

    [Fact]
    public void Reads_integers_in_little_endian_order_when_asked()
    {
        var reader = new WireReader(OneToSixteen);

        Assert.Equal(0x0201, reader.U16LittleEndian());
        Assert.Equal(0x06050403u, reader.U32LittleEndian());
        Assert.Equal(0x0E0D0C0B0A090807uL, reader.U64LittleEndian());
    }

    [Fact]
    public void Reads_24_bits_and_hands_out_bytes_without_copying()
    {
        var reader = new WireReader(OneToSixteen);

        Assert.Equal(0x010203u, reader.U24());
        reader.Skip(1);
        Assert.Equal([5, 6], reader.Bytes(2).ToArray());
        Assert.Equal(10, reader.Rest.Length);
    }

    [Theory, InlineData(-1), InlineData(17), InlineData(int.MinValue), InlineData(int.MaxValue)]
    public void Yields_nothing_and_fails_when_asked_for_what_is_not_there(int count)
    {
        var reader = new WireReader(OneToSixteen);

        Assert.True(reader.Bytes(count).IsEmpty);
        Assert.True(reader.Failed);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Stays_failed_and_yields_zeros_after_a_read_past_the_end()
    {
        var reader = new WireReader(OneToSixteen.AsSpan(0, 3));

        Assert.Equal(0u, reader.U32());
        Assert.Equal(0, reader.U8());
        Assert.Equal(0, reader.U16());
        Assert.Equal(0uL, reader.U64());
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Never_throws_and_never_moves_backwards_whatever_is_asked() =>
        Prop.ForAll<byte[], int[]>((bytes, counts) =>
        {
            var reader = new WireReader(bytes);
            var before = 0;
            foreach (var count in counts)
            {
                reader.Skip(count);
                reader.U8();
                reader.U16();
                if (reader.Position < before || reader.Position + reader.Remaining != bytes.Length) return false;
                before = reader.Position;
            }
            return reader.Failed || reader.Position == before;
        }).QuickCheckThrowOnFailure();
}
