using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Breakwater.Core.Net;
using Breakwater.Engine.Net;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>TCP sockets as BGP wants them: signed with TCP-MD5 (RFC 2385), and deaf to packets from further away than the peer (RFC 5082).</summary>
internal static class BgpSockets
{
    private const byte FarthestTtl = 255;

    /// <summary>A socket that may connect to the peer.</summary>
    /// <exception cref="SocketException">An option or the local address is refused.</exception>
    public static Socket ForConnecting(BgpPeerOptions peer, byte[]? secret)
    {
        var socket = new Socket(FamilyOf(peer.Address!.Value), SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (peer.LocalAddress is { } local) socket.Bind(new IPEndPoint(local.ToIPAddress(), 0));
            if (secret is not null) Sign(socket, peer.Address!.Value, secret);
            Guard(socket, peer);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket on which these peers may connect.</summary>
    /// <exception cref="SocketException">The port is taken or an option refused.</exception>
    public static Socket ForListening(IPEndPoint endPoint, IEnumerable<(BgpPeerOptions Options, byte[]? Secret)> peers)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // One family each: with both on one socket, keys for IPv4 peers would have to be given as mapped addresses.
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            foreach (var (peer, secret) in peers)
            {
                if (FamilyOf(peer.Address!.Value) != endPoint.AddressFamily) continue;
                if (secret is not null) Sign(socket, peer.Address!.Value, secret);
                // The answer to the first packet must have come as far as the peer expects.
                if (peer.TtlSecurityHops > 0) SetTtl(socket, FarthestTtl);
            }
            socket.Bind(endPoint);
            socket.Listen(64);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>RFC 5082 §3: sends with the highest TTL, and lets the kernel drop what has come further than allowed.</summary>
    public static void Guard(Socket socket, BgpPeerOptions peer)
    {
        if (peer.TtlSecurityHops == 0) return;
        SetTtl(socket, FarthestTtl);
        var least = FarthestTtl - peer.TtlSecurityHops + 1;
        if (socket.AddressFamily == AddressFamily.InterNetwork) Set(socket, LinuxCalls.ProtocolIp, LinuxCalls.IpMinimumTtl, least);
        else Set(socket, LinuxCalls.ProtocolIpv6, LinuxCalls.Ipv6MinimumHopCount, least);
    }

    /// <summary>Signs what goes to this address, and takes nothing from it that is not signed so: struct tcp_md5sig.</summary>
    private static unsafe void Sign(Socket socket, IpAddr peer, byte[] secret)
    {
        Span<byte> request = stackalloc byte[LinuxCalls.Md5SignatureLength];
        request.Clear();
        var address = new IPEndPoint(peer.ToIPAddress(), 0).Serialize();
        address.Buffer.Span[..address.Size].CopyTo(request);
        MemoryMarshal.Write(request[130..], (ushort)secret.Length);
        secret.CopyTo(request[136..]);
        fixed (byte* pointer = request)
            if (LinuxCalls.SetOption(socket.SafeHandle, LinuxCalls.ProtocolTcp, LinuxCalls.TcpMd5Signature, pointer, (uint)request.Length) != 0) throw LastError("TCP-MD5");
    }

    private static void SetTtl(Socket socket, int ttl)
    {
        if (socket.AddressFamily == AddressFamily.InterNetwork) socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.IpTimeToLive, ttl);
        else Set(socket, LinuxCalls.ProtocolIpv6, LinuxCalls.Ipv6UnicastHops, ttl);
    }

    private static unsafe void Set(Socket socket, int level, int name, int value)
    {
        if (LinuxCalls.SetOption(socket.SafeHandle, level, name, &value, sizeof(int)) != 0) throw LastError("TTL security");
    }

    private static SocketException LastError(string what) =>
        new(Marshal.GetLastPInvokeError(), $"{what} is refused by this system: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    private static AddressFamily FamilyOf(IpAddr address) => address.IsV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
}
