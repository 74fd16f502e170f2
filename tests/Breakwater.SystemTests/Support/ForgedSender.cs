using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Breakwater.SystemTests.Support;

/// <summary>Sends UDP with any source address of 127.0.0.0/8, by writing the IP header itself. Needs root.</summary>
internal sealed class ForgedSender : IDisposable
{
    private const int IpHeader = 20, UdpHeader = 8;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw) { SendBufferSize = 1 << 20 };
    private readonly byte[] _packet = new byte[1500];
    private readonly IPEndPoint _receiver;

    public ForgedSender(string receiver)
    {
        _receiver = IPEndPoint.Parse(receiver);
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        _socket.Connect(new IPEndPoint(_receiver.Address, 0));
        _packet[0] = 0x45;
        _packet[8] = 64;
        _packet[9] = 17;
        _receiver.Address.TryWriteBytes(_packet.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(20), 20_000);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(22), (ushort)_receiver.Port);
    }

    /// <param name="source">Source address as a number in host order.</param>
    /// <param name="payload">The datagram.</param>
    public void Send(uint source, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(12), source);
        // Total length and header checksum are the kernel's; a UDP checksum of 0 is none (RFC 768).
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(24), (ushort)(UdpHeader + payload.Length));
        payload.CopyTo(_packet.AsSpan(IpHeader + UdpHeader));
        _socket.Send(_packet.AsSpan(0, IpHeader + UdpHeader + payload.Length));
    }

    public void Dispose() => _socket.Dispose();
}
