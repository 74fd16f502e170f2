using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Coap;

public class CoapFrameTests
{
    private const int Max = 1 << 20;

    /// <summary>RFC 8323, figures 11 and 12.</summary>
    [Theory, InlineData(CoapCode.Ping, "01e242"), InlineData(CoapCode.Pong, "01e342")]
    public void Writes_and_reads_the_examples_of_the_standard(CoapCode code, string hex)
    {
        var message = new CoapMessage { Code = code, Token = new byte[] { 0x42 } };
        Assert.Equal(hex, Convert.ToHexStringLower(CoapFrame.Write(message)));
        Assert.Equal(message, Read(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Reads_back_any_message() =>
        Prop.ForAll(CoapMessages.Any, message =>
        {
            message = message with { Type = CoapType.NonConfirmable, MessageId = 0 };
            var frame = CoapFrame.Write(message);
            return CoapFrame.Measure(frame, Max, out var length) == DecodeError.None && length == frame.Length && message.Equals(Read(frame));
        }).QuickCheckThrowOnFailure();

    /// <summary>RFC 8323 §3.2: 12, 13, 268, 269, 65804 and 65805 octets are on either side of a step in the length field.</summary>
    [Theory, InlineData(11), InlineData(12), InlineData(267), InlineData(268), InlineData(65_803), InlineData(65_804)]
    public void Measures_lengths_on_either_side_of_each_step(int payload)
    {
        var frame = CoapFrame.Write(new CoapMessage { Code = CoapCode.Content, Payload = new byte[payload] });
        Assert.Equal(DecodeError.None, CoapFrame.Measure(frame, Max, out var length));
        Assert.Equal(frame.Length, length);
        Assert.Equal(payload, Read(frame)!.Payload.Length);
    }

    [Fact]
    public void Refuses_a_frame_that_is_too_long_before_it_arrives() =>
        Assert.Equal(DecodeError.InvalidLength, CoapFrame.Measure([0xF0, 0xFF, 0xFF, 0xFF, 0xFF], 65_536, out _));

    [Fact]
    public void Never_throws_on_any_truncation_or_corruption()
    {
        var good = CoapFrame.Write(CoapMessages.Put);
        for (var i = 0; i < good.Length; i++)
        {
            Assert.NotEqual(DecodeError.None, CoapFrame.Read(good.AsMemory(0, i), out _));
            for (var value = 0; value < 256; value++)
            {
                var bad = (byte[])good.Clone();
                bad[i] = (byte)value;
                CoapFrame.Measure(bad, Max, out _);
                if (CoapFrame.Read(bad, out var message) == DecodeError.None) Assert.Equal(message, Read(CoapFrame.Write(message!)));
            }
        }
    }

    private static CoapMessage? Read(byte[] bytes)
    {
        Assert.Equal(DecodeError.None, CoapFrame.Read(bytes, out var message));
        return message;
    }
}
