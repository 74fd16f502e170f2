using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Breakwater.Engine.Net;

/// <summary>One packet in the ring. Valid until its block is given back.</summary>
/// <param name="linkHeader">Octets before the network layer begins, 0 for interfaces without a link layer.</param>
internal readonly ref struct RingPacket(ReadOnlySpan<byte> bytes, int linkHeader, int originalLength, long nanoseconds, int interfaceIndex, ushort hardware, byte direction)
{
    /// <summary>From the link-layer header on, cut to the filter's length.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;
    public int LinkHeader { get; } = linkHeader;
    public int OriginalLength { get; } = originalLength;

    /// <summary>The kernel's time, since 1970.</summary>
    public long Nanoseconds { get; } = nanoseconds;
    public int InterfaceIndex { get; } = interfaceIndex;

    /// <summary>ARPHRD_ value.</summary>
    public ushort Hardware { get; } = hardware;
    public bool IsOutgoing { get; } = direction == 4; // PACKET_OUTGOING

    public bool HasEthernetHeader => Hardware is 1 or 772; // ARPHRD_ETHER, ARPHRD_LOOPBACK
}

/// <summary>An AF_PACKET socket with a TPACKET_V3 ring: packets come in blocks of memory shared with the kernel, no call and no copy for each.</summary>
/// <remarks>The kernel's Documentation/networking/packet_mmap.rst and linux/if_packet.h. For one reading thread.</remarks>
internal sealed unsafe class PacketRing : IDisposable
{
    private const int PacketFamily = 17;            // AF_PACKET
    private const int Raw = 3 | 0x80000;            // SOCK_RAW | SOCK_CLOEXEC
    private const int PacketLevel = 263;            // SOL_PACKET
    private const int AddMembership = 1;            // PACKET_ADD_MEMBERSHIP
    private const int ReceiveRing = 5;              // PACKET_RX_RING
    private const int Statistics = 6;               // PACKET_STATISTICS
    private const int RingVersion = 10;             // PACKET_VERSION
    private const int Version3 = 2;                 // TPACKET_V3
    private const int AttachFilter = 26;            // SO_ATTACH_FILTER
    private const ushort AllProtocols = 3;          // ETH_P_ALL
    private const int ReadWrite = 3;                // PROT_READ | PROT_WRITE
    private const int Shared = 1;                   // MAP_SHARED
    private const uint OfUser = 1;                  // TP_STATUS_USER

    private const int BlockSize = 256 * 1024;
    private const int FrameSize = 2048;

    // How long packets may gather in a block that does not fill.
    private const uint BlockMilliseconds = 5;

    // struct tpacket_block_desc: version, offset_to_priv, then tpacket_hdr_v1.
    private const int BlockStatus = 8;
    private const int BlockPackets = 12;
    private const int BlockFirstPacket = 16;

    // TPACKET_ALIGN(sizeof(struct tpacket3_hdr)): where the struct sockaddr_ll of a packet is.
    private const int PacketAddress = 48;

    private readonly SafeFileHandle _socket;
    private readonly Lock _statisticsGate = new();
    private readonly byte* _ring;
    private readonly int _blocks;
    private int _block;
    private long _drops;

    /// <exception cref="Win32Exception">The kernel refuses; EPERM (1) without CAP_NET_RAW.</exception>
    public PacketRing(int mebibytes)
    {
        // No protocol yet: nothing comes in before the filter is set.
        var descriptor = LinuxCalls.OpenSocket(PacketFamily, Raw, 0);
        if (descriptor < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _socket = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            _blocks = mebibytes * 1024 * 1024 / BlockSize;
            var version = Version3;
            Check(LinuxCalls.SetOption(_socket, PacketLevel, RingVersion, &version, sizeof(int)));
            // struct tpacket_req3
            var request = stackalloc uint[] { BlockSize, (uint)_blocks, FrameSize, (uint)(BlockSize / FrameSize * _blocks), BlockMilliseconds, 0, 0 };
            Check(LinuxCalls.SetOption(_socket, PacketLevel, ReceiveRing, request, 7 * sizeof(uint)));
            var ring = LinuxCalls.Map(0, (nuint)_blocks * BlockSize, ReadWrite, Shared, _socket, 0);
            if (ring == -1) throw new Win32Exception(Marshal.GetLastPInvokeError());
            _ring = (byte*)ring;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public delegate void PacketHandler(in RingPacket packet);

    public int Descriptor => (int)_socket.DangerousGetHandle();

    /// <summary>Packets that the kernel dropped because the ring was full. For any thread.</summary>
    public long Drops()
    {
        lock (_statisticsGate)
        {
            if (_socket.IsClosed) return _drops;
            var statistics = stackalloc uint[3];    // packets, drops, freezes: counted since the last look
            uint length = 3 * sizeof(uint);
            if (LinuxCalls.GetOption(_socket, PacketLevel, Statistics, statistics, &length) == 0) _drops += statistics[1];
            return _drops;
        }
    }

    /// <summary>Replaces the filter, at once and without a gap.</summary>
    public void SetFilter(CaptureFilter.Instruction[] program)
    {
        fixed (CaptureFilter.Instruction* instructions = program)
        {
            // struct sock_fprog
            var filter = stackalloc nint[] { program.Length, (nint)instructions };
            if (!BitConverter.IsLittleEndian) filter[0] <<= 48;
            Check(LinuxCalls.SetOption(_socket, LinuxCalls.SolSocket, AttachFilter, filter, (uint)(2 * sizeof(nint))));
        }
    }

    /// <summary>Lets the interface take packets addressed to others, until the ring is disposed.</summary>
    public void SetPromiscuous(int interfaceIndex)
    {
        // struct packet_mreq: index, type PACKET_MR_PROMISC, no address.
        var membership = stackalloc byte[16];
        new Span<byte>(membership, 16).Clear();
        *(int*)membership = interfaceIndex;
        *(ushort*)(membership + 4) = 1;
        Check(LinuxCalls.SetOption(_socket, PacketLevel, AddMembership, membership, 16));
    }

    /// <summary>Begins to capture on all interfaces, as far as the filter lets it.</summary>
    public void Bind()
    {
        // struct sockaddr_ll with the protocol in network order, interface 0 for all.
        var address = stackalloc byte[20];
        new Span<byte>(address, 20).Clear();
        *(ushort*)address = PacketFamily;
        BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(address + 2, 2), AllProtocols);
        Check(LinuxCalls.Bind(_socket, address, 20));
    }

    /// <summary>Hands out the packets of the next block, if the kernel has finished one, and gives the block back.</summary>
    /// <returns>False when there is none yet.</returns>
    public bool ReadBlock(PacketHandler handler)
    {
        var block = _ring + (nint)_block * BlockSize;
        if ((Volatile.Read(ref *(uint*)(block + BlockStatus)) & OfUser) == 0) return false;
        var packets = *(uint*)(block + BlockPackets);
        var packet = block + *(uint*)(block + BlockFirstPacket);
        for (uint i = 0; i < packets; i++)
        {
            handler(Packet(packet));
            packet += *(uint*)packet;   // tp_next_offset
        }
        Volatile.Write(ref *(uint*)(block + BlockStatus), 0);
        _block = (_block + 1) % _blocks;
        return true;
    }

    public void Dispose()
    {
        Drops();
        lock (_statisticsGate)
        {
            if (_socket.IsClosed) return;
            LinuxCalls.Unmap((nint)_ring, (nuint)_blocks * BlockSize);
            _socket.Dispose();
        }
    }

    /// <summary>struct tpacket3_hdr: next_offset, sec, nsec, snaplen, len, status, mac, net; then struct sockaddr_ll.</summary>
    private static RingPacket Packet(byte* header)
    {
        var words = (uint*)header;
        var nanoseconds = words[1] * 1_000_000_000L + words[2];
        var captured = (int)words[3];
        var link = *(ushort*)(header + 24);
        var network = *(ushort*)(header + 26);
        var address = header + PacketAddress;
        return new RingPacket(
            new ReadOnlySpan<byte>(header + link, captured), network - link, (int)words[4], nanoseconds,
            interfaceIndex: *(int*)(address + 4), hardware: *(ushort*)(address + 8), direction: address[10]);
    }

    private static void Check(int result)
    {
        if (result < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }
}
