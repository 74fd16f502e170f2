using Breakwater.Protocols.Cbor;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Cbor;

public class CborTests
{
    /// <summary>RFC 8949, appendix A.</summary>
    [Theory]
    [InlineData("00", 0)]
    [InlineData("17", 23)]
    [InlineData("1818", 24)]
    [InlineData("1903e8", 1000)]
    [InlineData("1a000f4240", 1_000_000)]
    [InlineData("1b000000e8d4a51000", 1_000_000_000_000)]
    [InlineData("20", -1)]
    [InlineData("3863", -100)]
    [InlineData("3903e7", -1000)]
    [InlineData("1b7fffffffffffffff", long.MaxValue)]
    [InlineData("3b7fffffffffffffff", long.MinValue)]
    public void Writes_and_reads_integers_as_the_standard_shows(string hex, long value)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(new CborWriter().Integer(value).Written));
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(value, reader.Integer());
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void Writes_and_reads_every_other_type()
    {
        var bytes = new CborWriter().Map(4).Unsigned(1).Text("ü水").Unsigned(2).Bytes([1, 2, 3]).Unsigned(3).Array(3).Boolean(true).Boolean(false).Null()
            .Unsigned(4).Tag(4).Array(2).Integer(-2).Integer(200).ToArray();
        var reader = new CborReader(bytes);

        Assert.Equal(4, reader.Map());
        Assert.Equal(1u, reader.Unsigned());
        Assert.Equal("ü水", reader.Text());
        Assert.Equal(2u, reader.Unsigned());
        Assert.Equal([1, 2, 3], reader.Bytes().ToArray());
        reader.Skip();
        Assert.Equal(3, reader.Array());
        Assert.True(reader.Boolean());
        Assert.False(reader.Boolean());
        reader.Null();
        reader.Skip();
        Assert.Equal(4u, reader.Tag());
        reader.Skip();
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void Reads_arrays_and_maps_of_indefinite_length()
    {
        // {_ 1: [_ 2, 3], 4: 5}
        var reader = new CborReader([0xBF, 0x01, 0x9F, 0x02, 0x03, 0xFF, 0x04, 0x05, 0xFF]);
        var seen = new List<ulong>();
        for (var pairs = reader.Map(); reader.Next(ref pairs);)
        {
            seen.Add(reader.Unsigned());
            if (reader.Peek() == CborType.Unsigned) seen.Add(reader.Unsigned());
            else for (var items = reader.Array(); reader.Next(ref items);) seen.Add(reader.Unsigned());
        }
        Assert.Equal([1, 2, 3, 4, 5], seen);
        Assert.True(reader.AtEnd);
    }

    /// <summary>RFC 8949, appendix F: not well-formed; and what this reader refuses beside that.</summary>
    [Theory]
    [InlineData("18")]
    [InlineData("1c")]
    [InlineData("1f")]
    [InlineData("61")]
    [InlineData("5f4100")]
    [InlineData("5f4100ff")]
    [InlineData("81")]
    [InlineData("9f")]
    [InlineData("9f01")]
    [InlineData("a1")]
    [InlineData("a101")]
    [InlineData("bf01ff")]
    [InlineData("ff")]
    [InlineData("c0")]
    [InlineData("9bffffffffffffffff")]
    [InlineData("7bffffffffffffffff00")]
    public void Fails_on_what_is_not_well_formed(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        reader.Skip();
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Fails_on_text_that_is_not_utf8()
    {
        var reader = new CborReader([0x62, 0xC3, 0x28]);
        Assert.Equal("", reader.Text());
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Refuses_nesting_that_would_exhaust_the_stack()
    {
        var reader = new CborReader(Enumerable.Repeat((byte)0x81, 100_000).ToArray());
        reader.Skip();
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Never_throws_and_never_stalls_whatever_the_bytes() =>
        Prop.ForAll<byte[], int[]>((bytes, reads) =>
        {
            var reader = new CborReader(bytes);
            foreach (var read in reads)
            {
                var before = reader.Position;
                switch (read & 7)
                {
                    case 0: reader.Unsigned(); break;
                    case 1: reader.Integer(); break;
                    case 2: reader.Text(); break;
                    case 3: reader.Bytes(); break;
                    case 4: reader.Array(); break;
                    case 5: reader.Map(); break;
                    case 6: reader.Boolean(); break;
                    default: reader.Skip(); break;
                }
                if (!reader.Failed && reader.Position <= before) return false;
            }
            return reader.Position <= bytes.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Reads_back_any_text_and_bytes() =>
        Prop.ForAll<NonNull<string>, byte[]>((text, bytes) =>
        {
            // Half a surrogate pair is no text.
            if (text.Get.Any(char.IsSurrogate)) return true;
            var reader = new CborReader(new CborWriter().Text(text.Get).Bytes(bytes).Written);
            return reader.Text() == text.Get && reader.Bytes().SequenceEqual(bytes) && reader.AtEnd;
        }).QuickCheckThrowOnFailure();
}
