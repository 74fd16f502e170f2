using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Net;

/// <summary>Receives one datagram a call: for systems without <c>recvmmsg</c>.</summary>
internal sealed class PlainDatagramSocket : DatagramSocket
{
    // How long a Wake() may go unnoticed: there is no portable way to wait for a socket and an event together.
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(100);

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(MaxDatagram, pinned: true);
    private readonly SocketAddress _name;
    private readonly ManualResetEventSlim _woken = new();
    private int _length;

    public PlainDatagramSocket(Socket socket) : base(socket)
    {
        _name = new SocketAddress(socket.AddressFamily);
        socket.Blocking = false;
    }

    public override int Slots => 1;

    public override int Receive()
    {
        try
        {
            if (!Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead)) return 0;
            _length = Socket.ReceiveFrom(_buffer, SocketFlags.None, _name);
            return 1;
        }
        catch (SocketException)
        {
            // Nothing there after all, an ICMP error kept for this socket, or a datagram too large for any standard.
            return 0;
        }
    }

    public override ReadOnlySpan<byte> Datagram(int index, out IpAddr source)
    {
        source = Address(_name.Buffer.Span, _name.Family);
        return _buffer.AsSpan(0, _length);
    }

    public override void Wait()
    {
        while (!_woken.IsSet && !Socket.Poll(Nap, SelectMode.SelectRead)) { }
    }

    public override void Pause(int milliseconds) => _woken.Wait(milliseconds);

    public override void Wake() => _woken.Set();

    public override void Dispose()
    {
        base.Dispose();
        _woken.Dispose();
    }
}
