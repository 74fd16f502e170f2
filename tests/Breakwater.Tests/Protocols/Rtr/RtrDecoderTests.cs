using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Rpki;
using Breakwater.Protocols.Rtr;
using Breakwater.Tests.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Rtr;

public class RtrDecoderTests
{
    [Fact]
    public void Reads_and_writes_every_type_as_the_standard_draws_it()
    {
        Assert.Equal((0x1234, 42u), (Read(RtrSamples.SerialNotify).SessionId, Read(RtrSamples.SerialNotify).Serial));
        Assert.Equal(RtrSamples.SerialNotify, RtrEncoder.SerialNotify(1, 0x1234, 42));
        Assert.Equal((0x1234, 42u), (Read(RtrSamples.SerialQuery).SessionId, Read(RtrSamples.SerialQuery).Serial));
        Assert.Equal(RtrSamples.SerialQuery, RtrEncoder.SerialQuery(1, 0x1234, 42));
        Assert.Equal(RtrPduType.ResetQuery, Read(RtrSamples.ResetQuery).Type);
        Assert.Equal(RtrSamples.ResetQuery, RtrEncoder.ResetQuery(1));
        Assert.Equal(0x1234, Read(RtrSamples.CacheResponse).SessionId);
        Assert.Equal(RtrSamples.CacheResponse, RtrEncoder.CacheResponse(1, 0x1234));
        Assert.Equal((true, RtrSamples.Four), (Read(RtrSamples.Ipv4Prefix).Announces, Read(RtrSamples.Ipv4Prefix).Vrp));
        Assert.Equal(RtrSamples.Ipv4Prefix, RtrEncoder.Prefix(1, true, RtrSamples.Four));
        Assert.Equal((false, RtrSamples.Six), (Read(RtrSamples.Ipv6Prefix).Announces, Read(RtrSamples.Ipv6Prefix).Vrp));
        Assert.Equal(RtrSamples.Ipv6Prefix, RtrEncoder.Prefix(1, false, RtrSamples.Six));
        Assert.Equal((0x1234, 42u, RtrSamples.Intervals), (Read(RtrSamples.EndOfData).SessionId, Read(RtrSamples.EndOfData).Serial, Read(RtrSamples.EndOfData).Intervals));
        Assert.Equal(RtrSamples.EndOfData, RtrEncoder.EndOfData(1, 0x1234, 42, RtrSamples.Intervals));
        Assert.Equal((42u, RtrIntervals.Default), (Read(RtrSamples.EndOfData0).Serial, Read(RtrSamples.EndOfData0).Intervals));
        Assert.Equal(RtrSamples.EndOfData0, RtrEncoder.EndOfData(0, 0x1234, 42, RtrSamples.Intervals));
        Assert.Equal(RtrSamples.CacheReset, RtrEncoder.CacheReset(1));
        var key = Read(RtrSamples.RouterKey);
        Assert.Equal((true, 64500u, "300102"), (key.Announces, key.KeyAs, Convert.ToHexString(key.SubjectPublicKey)));
        Assert.Equal(RtrSamples.RouterKey, RtrEncoder.RouterKey(true, key.SubjectKeyIdentifier, 64500, key.SubjectPublicKey));
        var report = Read(RtrSamples.ErrorReport);
        Assert.Equal((RtrError.NoDataAvailable, "wait", 8), (report.Error, Encoding.UTF8.GetString(report.Text), report.ErroneousPdu.Length));
        Assert.Equal(RtrSamples.ErrorReport, RtrEncoder.ErrorReport(1, RtrError.NoDataAvailable, RtrSamples.ResetQuery, "wait"));
    }

    [Theory]
    [InlineData("010400000000001401190000C63364000000FBF4", DecodeError.InvalidValue)] // longest length below the prefix's own
    [InlineData("010400000000001401182100C63364000000FBF4", DecodeError.InvalidValue)] // 33 bits of IPv4
    [InlineData("0106000000000020002030000000000000000000" + "0000FFFFC63364000000FBF4", DecodeError.InvalidValue)] // IPv4 as IPv6
    [InlineData("010400000000001501181A00C63364000000FBF400", DecodeError.InvalidLength)]
    [InlineData("0009010000000023000102030405060708090A0B0C0D0E0F101112130000FBF4300102", DecodeError.InvalidSet)] // version 0 has no router keys
    [InlineData("0105000000000008", DecodeError.InvalidSet)]
    [InlineData("0203123400000008", DecodeError.UnsupportedVersion)]
    [InlineData("010A000200000010FFFFFFFF00000000", DecodeError.InvalidLength)]
    public void Says_what_is_wrong_with_what_cannot_be(string hex, DecodeError error) => Assert.Equal(error, RtrDecoder.Decode(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("", DecodeError.Truncated)]
    [InlineData("01030000000000", DecodeError.Truncated)]
    [InlineData("0103000000000007", DecodeError.InvalidLength)]
    [InlineData("0103000000004001", DecodeError.InvalidLength)]
    [InlineData("01030000FFFFFFFF", DecodeError.InvalidLength)]
    public void Cuts_a_stream_no_further_than_it_makes_sense(string hex, DecodeError error) => Assert.Equal(error, RtrDecoder.Frame(Convert.FromHexString(hex), out _));

    [Fact]
    public void Waits_for_the_rest_of_every_pdu_that_is_cut_short()
    {
        foreach (var good in RtrSamples.All)
        {
            for (var length = 0; length < good.Length; length++)
            {
                Assert.Equal(DecodeError.Truncated, RtrDecoder.Frame(good.AsSpan(0, length), out _));
                Assert.NotEqual(DecodeError.None, RtrDecoder.Decode(good.AsSpan(0, length), out _));
            }
        }
    }

    [Fact]
    public void Never_throws_whatever_a_single_octet_becomes()
    {
        foreach (var good in RtrSamples.All)
        {
            for (var at = 0; at < good.Length; at++)
            {
                for (var value = 0; value < 256; value++)
                {
                    var bad = good.ToArray();
                    bad[at] = (byte)value;
                    if (RtrDecoder.Frame(bad, out var length) == DecodeError.None) RtrDecoder.Decode(bad.AsSpan(0, length), out _);
                    if (RtrDecoder.Decode(bad, out var pdu) == DecodeError.None) Assert.InRange((int)pdu.Vrp.MaxLength, pdu.Vrp.Prefix.Length, 128);
                }
            }
        }
    }

    [Fact]
    public void Reads_back_whatever_payload_may_be_written() =>
        Prop.ForAll((from six in Gen.Elements(false, true) from prefix in BgpSamples.Prefixes(six) select prefix).ToArbitrary(), ArbMap.Default.ArbFor<uint>(), ArbMap.Default.ArbFor<bool>(), (prefix, number, announces) =>
        {
            var vrp = new Vrp(prefix, (byte)(prefix.Length + (number % (uint)(prefix.Address.Bits - prefix.Length + 1))), number);
            var read = Read(RtrEncoder.Prefix(1, announces, vrp));
            return read.Vrp == vrp && read.Announces == announces;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Never_throws_whatever_the_octets() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte>(), (octets, type) =>
        {
            RtrDecoder.Decode(octets, out _);
            RtrDecoder.Decode([(byte)(type & 1), (byte)(type % 12), 0, 0, 0, 0, 0, (byte)(octets.Length + 8), .. octets], out _);
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        byte[][] all = [.. RtrSamples.All];
        Assert.Equal(0, Allocations.Least(() => () =>
        {
            foreach (var octets in all) RtrDecoder.Decode(octets, out _);
        }));
    }

    private static RtrPdu Read(byte[] octets)
    {
        Assert.Equal(DecodeError.None, RtrDecoder.Frame(octets, out var length));
        Assert.Equal(octets.Length, length);
        Assert.Equal(DecodeError.None, RtrDecoder.Decode(octets, out var pdu));
        return pdu;
    }
}
