using System.Net;
using System.Net.Sockets;

namespace Breakwater.SystemTests.Support;

/// <summary>Ports that nothing uses at the moment.</summary>
internal static class FreePort
{
    public static int Udp() => Bind(SocketType.Dgram, ProtocolType.Udp);

    public static int Tcp() => Bind(SocketType.Stream, ProtocolType.Tcp);

    private static int Bind(SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
