using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Dots;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Dots;

public class DotsBodyTests
{
    /// <summary>RFC 9132, figure 8.</summary>
    private const string Figure8 =
        "a1" + "01" + "a1" + "02" + "81" + "a4"
        + "06" + "82" + "74" + "323030313a6462383a363430313a3a312f313238" + "74" + "323030313a6462383a363430313a3a322f313238"
        + "07" + "83" + "a1" + "08" + "1850" + "a1" + "08" + "1901bb" + "a1" + "08" + "191f90"
        + "0a" + "81" + "06" + "0e" + "190e10";

    private const string Figure7 =
        """
        {"ietf-dots-signal-channel:mitigation-scope":{"scope":[{
          "target-prefix":["2001:db8:6401::1/128","2001:db8:6401::2/128"],
          "target-port-range":[{"lower-port":80},{"lower-port":443},{"lower-port":8080}],
          "target-protocol":[6],"lifetime":3600}]}}
        """;

    /// <summary>RFC 9132, figure 20, shortened to one of each kind, and figure 14.</summary>
    private const string EveryKind =
        """
        {"ietf-dots-signal-channel:signal-config":{"mitigating-config":{
            "heartbeat-interval":{"max-value":240,"min-value":15,"current-value":30},
            "ack-timeout":{"max-value-decimal":"30.00","min-value-decimal":"1.00","current-value-decimal":"2.05"}}},
         "ietf-dots-signal-channel:heartbeat":{"peer-hb-status":true},
         "ietf-dots-signal-channel:redirected-signal":{"alt-server":"alt.example","alt-server-record":["2001:db8::1"]},
         "ietf-dots-signal-channel:mitigation-scope":{"scope":[{"mid":12332,"mitigation-start":"1507818434","lifetime":-1,
            "status":"attack-successfully-mitigated","bytes-dropped":"18446744073709551615","trigger-mitigation":false,
            "conflict-information":{"conflict-status":"request-active","conflict-cause":"request-rejected-legitimate-traffic","retry-timer":"30"},
            "ietf-dots-call-home:source-prefix":["192.0.2.0/24"],"ietf-dots-call-home:source-icmp-type-range":[{"lower-type":8}],
            "ietf-dots-signal-control:acl-list":[{"acl-name":"a","activation-type":"deactivate"}],
            "ietf-dots-telemetry:attack-detail":[{"vendor-id":32473,"attack-id":77,"attack-severity":"high"}]}]}}
        """;

    [Fact]
    public void Writes_and_reads_the_example_of_the_standard()
    {
        Assert.True(DotsBody.TryWrite(Parse(Figure7), out var cbor, out _));
        Assert.Equal(Figure8, Convert.ToHexStringLower(cbor));
        AssertReads(Figure7, cbor);
    }

    [Fact]
    public void Reads_back_every_kind_of_value() => AssertReads(EveryKind, DotsBody.Write(Parse(EveryKind)));

    [Fact]
    public void Writes_numbers_and_codes_that_people_use_in_place_of_strings_and_labels()
    {
        var cbor = DotsBody.Write(Parse("""{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"attack-status":1,"bytes-dropped":5}]}}"""));
        AssertReads("""{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"attack-status":"under-attack","bytes-dropped":"5"}]}}""", cbor);
    }

    [Theory]
    [InlineData("""{"mitigation-id":1}""", "mitigation-id")]
    [InlineData("""{"mid":"1"}""", "mid")]
    [InlineData("""{"mid":-1}""", "mid")]
    [InlineData("""{"mid":4294967296}""", "mid")]
    [InlineData("""{"lifetime":-2}""", "lifetime")]
    [InlineData("""{"status":"fine"}""", "status")]
    [InlineData("""{"status":9}""", "status")]
    [InlineData("""{"target-prefix":"192.0.2.1/32"}""", "target-prefix")]
    [InlineData("""{"target-prefix":[1]}""", "target-prefix")]
    [InlineData("""{"current-value-decimal":"1.005"}""", "current-value-decimal")]
    [InlineData("""{"trigger-mitigation":"true"}""", "trigger-mitigation")]
    [InlineData("""{"scope":[1]}""", "scope")]
    public void Names_the_parameter_that_cannot_be_written(string json, string parameter)
    {
        Assert.False(DotsBody.TryWrite(Parse(json), out _, out var problem));
        Assert.Contains(parameter, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a1187f01", "127 is not understood")]
    [InlineData("a1190100a0", "256 is not understood")]
    [InlineData("a10001", "0 is not understood")]
    [InlineData("a205010502", "mid comes twice")]
    [InlineData("a10561", "mid is not of its type")]
    [InlineData("a105616b", "mid is not of its type")]
    [InlineData("a11009", "status has no value 9")]
    [InlineData("a11000", "status has no value 0")]
    [InlineData("a10e21", "lifetime is out of range")]
    [InlineData("a10ea0", "lifetime is not of its type")]
    [InlineData("a1182bc48220190100", "current-value-decimal is not a decimal")]
    [InlineData("a10500ff", "octets follow")]
    [InlineData("a1", "not well-formed")]
    [InlineData("", "not well-formed")]
    [InlineData("80", "not well-formed")]
    public void Says_what_is_wrong_with_a_body(string hex, string expected)
    {
        Assert.NotEqual(DecodeError.None, DotsBody.Read(Convert.FromHexString(hex), out var body, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Empty(body);
    }

    /// <summary>The ranges of RFC 9132, table 8, that may be ignored: 128 to 255, 16384 and up.</summary>
    [Theory, InlineData("a218fa01050c"), InlineData("a219f000a10102050c"), InlineData("a219400001050c")]
    public void Skips_parameters_that_need_not_be_understood(string hex)
    {
        Assert.Equal(DecodeError.None, DotsBody.Read(Convert.FromHexString(hex), out var body, out _));
        Assert.Equal(12, (long)body["mid"]!);
    }

    [Fact]
    public void Refuses_maps_in_maps_without_end()
    {
        var nested = Enumerable.Repeat(new byte[] { 0xA1, 0x01 }, 5000).SelectMany(b => b).Append((byte)0xA0).ToArray();
        Assert.NotEqual(DecodeError.None, DotsBody.Read(nested, out _, out var problem));
        Assert.Contains("deep", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Never_throws_on_any_truncation_or_corruption()
    {
        var good = DotsBody.Write(Parse(EveryKind));
        for (var i = 0; i < good.Length; i++)
        {
            Assert.NotEqual(DecodeError.None, DotsBody.Read(good.AsSpan(0, i), out _, out _));
            for (var value = 0; value < 256; value++)
            {
                var bad = (byte[])good.Clone();
                bad[i] = (byte)value;
                // What is read can be written: nothing half-understood comes out.
                if (DotsBody.Read(bad, out var body, out _) == DecodeError.None) DotsBody.Write(body);
            }
        }
    }

    [Fact]
    public void Never_throws_whatever_the_bytes() =>
        Prop.ForAll<byte[]>(bytes => DotsBody.Read(bytes, out _, out var problem) == DecodeError.None == problem is null).QuickCheckThrowOnFailure();

    internal static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    internal static void AssertReads(string json, byte[] cbor)
    {
        Assert.Equal(DecodeError.None, DotsBody.Read(cbor, out var body, out var problem));
        Assert.Null(problem);
        Assert.True(JsonNode.DeepEquals(Parse(json), Parse(body.ToJsonString())), body.ToJsonString());
    }
}
