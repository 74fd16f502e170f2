using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Coap;

public class CoapDatagramTests
{
    /// <summary>RFC 7252, figure 16: GET /temperature and its answer.</summary>
    [Fact]
    public void Writes_and_reads_the_example_of_the_standard()
    {
        var request = new CoapMessage { Code = CoapCode.Get, Type = CoapType.Confirmable, MessageId = 0x7d34, Options = [CoapOption.Text(CoapOptions.UriPath, "temperature")] };
        var response = new CoapMessage { Code = CoapCode.Content, Type = CoapType.Acknowledgement, MessageId = 0x7d34, Payload = Encoding.UTF8.GetBytes("22.3 C") };

        Assert.Equal("40017d34bb" + Convert.ToHexStringLower("temperature"u8), Convert.ToHexStringLower(CoapDatagram.Write(request)));
        Assert.Equal("60457d34ff" + Convert.ToHexStringLower("22.3 C"u8), Convert.ToHexStringLower(CoapDatagram.Write(response)));
        Assert.Equal(request, Read(CoapDatagram.Write(request)));
        Assert.Equal(response, Read(CoapDatagram.Write(response)));
    }

    [Fact]
    public void Reads_back_a_message_with_every_form_of_option() => Assert.Equal(CoapMessages.Put, Read(CoapDatagram.Write(CoapMessages.Put)));

    [Fact]
    public void Reads_back_any_message() =>
        Prop.ForAll(CoapMessages.Any, message => Read(CoapDatagram.Write(message)) is { } read && read.Equals(message)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", DecodeError.Truncated)]
    [InlineData("400100", DecodeError.Truncated)]
    [InlineData("80010000", DecodeError.UnsupportedVersion)]
    [InlineData("41000001aa", DecodeError.InvalidLength)]
    [InlineData("4000000100", DecodeError.InvalidLength)]
    [InlineData("49010001010203040506070809", DecodeError.InvalidLength)]
    [InlineData("4401000101", DecodeError.Truncated)]
    [InlineData("40010001ff", DecodeError.InvalidLength)]
    [InlineData("40010001f1", DecodeError.InvalidValue)]
    [InlineData("400100011f", DecodeError.InvalidValue)]
    [InlineData("40010001b5aa", DecodeError.Truncated)]
    [InlineData("40010001e0fffee0ffff", DecodeError.InvalidValue)]
    public void Refuses_what_the_standard_calls_a_format_error(string hex, DecodeError expected) =>
        Assert.Equal(expected, CoapDatagram.Read(Convert.FromHexString(hex), out _));

    [Fact]
    public void Tells_type_and_identifier_of_a_message_that_has_to_be_rejected()
    {
        Assert.NotEqual(DecodeError.None, CoapDatagram.Read(Convert.FromHexString("40017d34ff"), out var message));
        Assert.Equal((CoapType.Confirmable, (ushort)0x7d34), (message!.Type, message.MessageId));
    }

    [Fact]
    public void Refuses_options_without_number()
    {
        var message = new byte[4 + 300];
        CoapDatagram.Write(new CoapMessage { Code = CoapCode.Get }).CopyTo(message, 0);
        Assert.Equal(DecodeError.TooManyRecords, CoapDatagram.Read(message, out _));
    }

    [Fact]
    public void Never_throws_on_any_truncation_or_corruption()
    {
        var good = CoapDatagram.Write(CoapMessages.Put);
        for (var i = 0; i < good.Length; i++)
        {
            if (CoapDatagram.Read(good.AsMemory(0, i), out var cut) == DecodeError.None) Assert.Equal(i, CoapDatagram.Write(cut!).Length);
            for (var value = 0; value < 256; value++)
            {
                var bad = (byte[])good.Clone();
                bad[i] = (byte)value;
                if (CoapDatagram.Read(bad, out var message) != DecodeError.None) continue;
                CoapDatagram.Read(CoapDatagram.Write(message!), out var again);
                Assert.Equal(message, again);
            }
        }
    }

    private static CoapMessage? Read(byte[] bytes)
    {
        Assert.Equal(DecodeError.None, CoapDatagram.Read(bytes, out var message));
        return message;
    }
}
