using Breakwater.Core.Flows;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Bmp;

namespace Breakwater.Tests.Protocols.Bmp;

/// <summary>What GoBGP 3.10 (AS 64501, 192.0.2.254) said over BMP while AS 64500 (127.0.9.2, 192.0.2.1) announced rules and a blackhole to it and left.</summary>
internal static class BmpSamples
{
    public static readonly byte[] Initiation = Convert.FromHexString("03000000190400020005476F42475000010006332E31302E30");
    public static readonly byte[] PeerUp = Convert.FromHexString("03000000EA03000000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C56000000000000000000000000000000007F000901551EEB5BFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00530104FBF5005AC00002FE3602340200490402766D0001040001000101040001008501040002008541040000FBF50512000100010002000100850002000200850002FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00530104FBF4005AC00002013602340200490402766D0001040001000101040001008501040002008541040000FBF40512000100010002000100850002000200850002");
    public static readonly byte[] PrePolicyRule = Convert.FromHexString("030000007400000000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C5700000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0044020000002D4001010240020602010000FBF4800E1200018500000C0120C633640703811106817BC010088006000000000000");
    public static readonly byte[] PostPolicyRule = Convert.FromHexString("030000007400004000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C5700000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0044020000002D4001010240020602010000FBF4C010088006000000000000800E1200018500000C0120C633640703811106817B");
    public static readonly byte[] LocRibRule = Convert.FromHexString("03000000740003000000000000000000000000000000000000000000000000000000FBF5C00002FE6B032C5700000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0044020000002D4001010240020602010000FBF4C010088006000000000000800E1200018500000C0120C633640703811106817B");
    public static readonly byte[] PrePolicyRoute = Convert.FromHexString("030000006700000000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C5700000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0037020000001B4001010240020602010000FBF44003047F000902C00804FFFF029A20C6336409");
    public static readonly byte[] PrePolicyRule6 = Convert.FromHexString("030000007E00000000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C5700000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF004E02000000374001010240020602010000FBF4800E1C00028500001601800020010DB8000500000000000000000007038111C0100880060000447A0000");
    public static readonly byte[] PrePolicyWithdrawal = Convert.FromHexString("030000004C00000000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C5A00000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001C02000520C63364090000");
    public static readonly byte[] Statistics = Convert.FromHexString("030000005C01000000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C610000000000000004000700080000000000000002000800080000000000000002000B000400000001000C000400000001");
    public static readonly byte[] PostPolicyWithdrawal = Convert.FromHexString("030000005A00004000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C5700000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF002A0200000013800F100001850C0120C633640703811106817B");
    public static readonly byte[] LocRibWithdrawal = Convert.FromHexString("030000005A0003000000000000000000000000000000000000000000000000000000FBF5C00002FE6B032C5700000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF002A0200000013800F100001850C0120C633640703811106817B");
    public static readonly byte[] PeerDown = Convert.FromHexString("030000004602000000000000000000000000000000000000000000007F0009020000FBF4C00002016B032C680000000003FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0015030603");

    /// <summary>The withdrawal after the import policy as if it stood before it: one flag less.</summary>
    public static byte[] PrePolicyWithdrawalOfRule
    {
        get
        {
            var bytes = PostPolicyWithdrawal.ToArray();
            bytes[BmpFraming.HeaderLength + 1] &= 0xBF;
            return bytes;
        }
    }

    /// <summary>IPv4 rule of the samples: UDP from port 123 to 198.51.100.7.</summary>
    public const string Rule = "destination 198.51.100.7/32 protocol =17 source-port =123";

    public static IEnumerable<byte[]> All =>
        [Initiation, PeerUp, PrePolicyRule, PostPolicyRule, LocRibRule, PrePolicyRoute, PrePolicyRule6, PrePolicyWithdrawal, Statistics, PostPolicyWithdrawal, LocRibWithdrawal, PeerDown];

    /// <summary>Reads a whole message, header included.</summary>
    public static DecodeError Read(ReadOnlySpan<byte> bytes, out BmpMessage? message)
    {
        message = null;
        var framing = BmpFraming.Read(bytes, out var type, out var length);
        return framing != DecodeError.None ? framing : BmpDecoder.Decode(type, bytes[BmpFraming.HeaderLength..length], out message);
    }

    public static T Read<T>(byte[] bytes) where T : BmpMessage
    {
        Assert.Equal(DecodeError.None, Read(bytes, out var message));
        return Assert.IsType<T>(message);
    }

    /// <summary>A message about one session of a router with AS 64500 at 127.0.0.1, unless said otherwise.</summary>
    /// <param name="flags">128 IPv6, 64 after the import policy, 32 AS numbers of 16 bits, 16 outgoing.</param>
    public static byte[] Message(BmpMessageType type, byte[] rest, byte peerType = 0, byte flags = 0, string address = "127.0.0.1", uint asNumber = 64500)
    {
        var octets = new byte[16];
        Breakwater.Core.Net.IpAddr.Parse(address).WriteTo(octets);
        if ((flags & 0x80) == 0) octets.AsSpan(0, 12).Clear();
        if (peerType == 3) octets.AsSpan().Clear();
        byte[] body = [peerType, flags, .. new byte[8], .. octets, .. Number(asNumber), .. Number(0xC0000201), .. Number(1_700_000_000), .. Number(250_000), .. rest];
        return [3, .. Number((uint)body.Length + BmpFraming.HeaderLength), (byte)type, .. body];
    }

    public static byte[] Routes(BgpUpdate update, byte peerType = 0, byte flags = 0, string address = "127.0.0.1", uint asNumber = 64500) =>
        Message(BmpMessageType.RouteMonitoring, new UpdateEncoder(new UpdateContext(FourOctetAs: (flags & 0x20) == 0 || peerType == 3, Internal: true)).Encode(update), peerType, flags, address, asNumber);

    private static byte[] Number(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
