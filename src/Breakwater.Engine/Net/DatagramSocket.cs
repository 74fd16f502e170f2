using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Net;

/// <summary>A bound UDP socket that hands out what waits in it, many datagrams at a time, without allocating. For one reading thread.</summary>
internal abstract class DatagramSocket : IDisposable
{
    /// <summary>The largest UDP payload: 65,535 octets less the IPv4 and UDP headers (IPv6 allows 20 more).</summary>
    protected const int MaxDatagram = 65_535;

    private readonly Lock _dropsGate = new();
    private uint _dropsSeen;
    private long _drops;

    protected DatagramSocket(Socket socket) => Socket = socket;

    protected Socket Socket { get; }

    /// <summary>Datagrams that one <see cref="Receive"/> takes at most.</summary>
    public abstract int Slots { get; }

    public IPEndPoint LocalEndPoint => (IPEndPoint)Socket.LocalEndPoint!;

    /// <summary>Octets of receive buffer that the kernel granted. It counts its own bookkeeping in: about 2,300 octets for a full-size datagram.</summary>
    public int ReceiveBuffer => Socket.ReceiveBufferSize;

    /// <summary>Binds a socket and asks for a receive buffer.</summary>
    /// <param name="endpoint">Local address and port; port 0 takes any. An IPv6 "any" address takes IPv4 as well.</param>
    /// <param name="receiveBuffer">Octets wanted. A larger default of the system is left as it is.</param>
    /// <exception cref="SocketException">The address is not ours, in use, or its port not permitted.</exception>
    public static DatagramSocket Bind(IPEndPoint endpoint, int receiveBuffer)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = endpoint.Address.Equals(IPAddress.IPv6Any);
            AskForReceiveBuffer(socket, receiveBuffer);
            socket.Bind(endpoint);
            return OperatingSystem.IsLinux() ? new BatchedDatagramSocket(socket) : new PlainDatagramSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the datagrams that wait, without waiting for more; earlier ones are gone.</summary>
    /// <returns>How many; 0 when the socket has run dry.</returns>
    public abstract int Receive();

    /// <summary>One datagram of the last <see cref="Receive"/>.</summary>
    /// <param name="index">Below what <see cref="Receive"/> returned.</param>
    /// <param name="source">Where it came from; IPv4 also when it came in by a dual-stack socket.</param>
    public abstract ReadOnlySpan<byte> Datagram(int index, out IpAddr source);

    /// <summary>Sleeps until a datagram waits, an error has to be fetched, or <see cref="Wake"/> was called.</summary>
    public abstract void Wait();

    /// <summary>Sleeps for a while, whatever comes in, unless <see cref="Wake"/> was called.</summary>
    public abstract void Pause(int milliseconds);

    /// <summary>Ends this and all later sleeps of the reading thread.</summary>
    public abstract void Wake();

    /// <summary>Datagrams that the kernel dropped since the socket was bound, because its buffer was full. For any thread; 0 where the system does not tell.</summary>
    public long KernelDrops()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        lock (_dropsGate)
        {
            Span<byte> memory = stackalloc byte[(LinuxCalls.MemoryInfoDrops + 1) * sizeof(uint)];
            try
            {
                if (Socket.GetRawSocketOption(LinuxCalls.SolSocket, LinuxCalls.SoMemoryInfo, memory) < memory.Length) return _drops;
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
            {
                return _drops;
            }
            // The kernel's counter has 32 bits and wraps: subtract as uint.
            var drops = System.Runtime.InteropServices.MemoryMarshal.Read<uint>(memory[(LinuxCalls.MemoryInfoDrops * sizeof(uint))..]);
            _drops += drops - _dropsSeen;
            _dropsSeen = drops;
            return _drops;
        }
    }

    public virtual void Dispose() => Socket.Dispose();

    /// <summary>Reads a struct sockaddr_in or sockaddr_in6.</summary>
    protected static IpAddr Address(ReadOnlySpan<byte> name, AddressFamily family) =>
        family == AddressFamily.InterNetworkV6 ? IpAddr.V6(name[8..]) : IpAddr.V4(name[4..]);

    private static void AskForReceiveBuffer(Socket socket, int wanted)
    {
        // Linux reports twice what was asked for (socket(7)).
        if (socket.ReceiveBufferSize / (OperatingSystem.IsLinux() ? 2 : 1) >= wanted) return;
        if (OperatingSystem.IsLinux())
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            if (BitConverter.IsLittleEndian) BinaryPrimitives.WriteInt32LittleEndian(value, wanted);
            else BinaryPrimitives.WriteInt32BigEndian(value, wanted);
            try
            {
                socket.SetRawSocketOption(LinuxCalls.SolSocket, LinuxCalls.SoReceiveBufferForce, value);
                return;
            }
            catch (SocketException)
            {
                // Not privileged: net.core.rmem_max caps the ordinary option below.
            }
        }
        socket.ReceiveBufferSize = wanted;
    }
}
