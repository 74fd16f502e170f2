using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Net;

/// <summary>Receives with <c>recvmmsg</c>: one system call for up to 64 datagrams.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class BatchedDatagramSocket : DatagramSocket
{
    private const int SlotCount = 64;

    // Two KiB more than a datagram needs: slots 64 KiB apart would all fall into the same few sets of the cache.
    private const int SlotSize = MaxDatagram + 1 + 2048;
    private const int NameSize = 32; // sockaddr_in6 has 28

    private readonly WakeEvent _wake = new();

    // Memory that the kernel writes to. Pages never written to are never resident, so ordinary datagrams cost 4 KiB a slot.
    private readonly byte* _buffer;
    private readonly byte* _names;
    private readonly LinuxCalls.IoVector* _vectors;
    private readonly LinuxCalls.MultiMessage* _messages;
    private readonly AddressFamily _family;

    public BatchedDatagramSocket(Socket socket) : base(socket)
    {
        _family = socket.AddressFamily;
        _buffer = (byte*)NativeMemory.Alloc(SlotCount, SlotSize);
        _names = (byte*)NativeMemory.AllocZeroed(SlotCount, NameSize);
        _vectors = (LinuxCalls.IoVector*)NativeMemory.AllocZeroed(SlotCount, (nuint)sizeof(LinuxCalls.IoVector));
        _messages = (LinuxCalls.MultiMessage*)NativeMemory.AllocZeroed(SlotCount, (nuint)sizeof(LinuxCalls.MultiMessage));
        for (var i = 0; i < SlotCount; i++)
        {
            _vectors[i] = new LinuxCalls.IoVector { Base = (nint)(_buffer + (nint)i * SlotSize), Length = MaxDatagram };
            _messages[i].Header = new LinuxCalls.MessageHeader { Name = (nint)(_names + i * NameSize), Vectors = (nint)(_vectors + i), VectorCount = 1 };
        }
    }

    public override int Slots => SlotCount;

    public override int Receive()
    {
        // The kernel overwrites the length of each name it fills in.
        for (var i = 0; i < SlotCount; i++) _messages[i].Header.NameLength = NameSize;
        var received = LinuxCalls.ReceiveMany(Socket.SafeHandle, _messages, SlotCount, LinuxCalls.MessageDontWait, 0);
        if (received >= 0) return received;
        // Mostly "nothing there", or an ICMP error kept for this socket, which reading has now cleared. Those that reading
        // cannot clear would make this loop spin for ever: they are our own mistakes.
        var error = Marshal.GetLastPInvokeError();
        return error is LinuxCalls.BadDescriptor or LinuxCalls.BadAddress or LinuxCalls.InvalidArgument ? throw new Win32Exception(error) : 0;
    }

    public override ReadOnlySpan<byte> Datagram(int index, out IpAddr source)
    {
        source = Address(new ReadOnlySpan<byte>(_names + index * NameSize, NameSize), _family);
        return new ReadOnlySpan<byte>(_buffer + (nint)index * SlotSize, (int)_messages[index].Received);
    }

    public override void Wait() => _wake.SleepUntilReadable((int)Socket.Handle, -1);

    public override void Pause(int milliseconds) => _wake.Sleep(milliseconds);

    public override void Wake() => _wake.Wake();

    /// <summary>To be called once the reading thread has ended: the kernel must not write into freed memory.</summary>
    public override void Dispose()
    {
        base.Dispose();
        _wake.Dispose();
        NativeMemory.Free(_buffer);
        NativeMemory.Free(_names);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }
}
