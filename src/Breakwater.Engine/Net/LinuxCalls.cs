using System.Runtime.InteropServices;

namespace Breakwater.Engine.Net;

/// <summary>The system calls that .NET has no face for. Names, types and values are those of the Linux headers (x86-64 and arm64 agree on them).</summary>
internal static partial class LinuxCalls
{
    public const int SolSocket = 1;             // SOL_SOCKET
    public const int SoReceiveBufferForce = 33; // SO_RCVBUFFORCE: beyond net.core.rmem_max, needs CAP_NET_ADMIN
    public const int SoMemoryInfo = 55;         // SO_MEMINFO: nine counters, the last is drops
    public const int MemoryInfoDrops = 8;       // SK_MEMINFO_DROPS

    public const int MessageDontWait = 0x40;    // MSG_DONTWAIT
    public const short PollIn = 1;              // POLLIN

    public const int EventNonBlocking = 0x800;  // EFD_NONBLOCK
    public const int EventCloseOnExec = 0x80000; // EFD_CLOEXEC

    public const int BadDescriptor = 9;         // EBADF
    public const int BadAddress = 14;           // EFAULT
    public const int InvalidArgument = 22;      // EINVAL

    public const int ProtocolIp = 0;            // IPPROTO_IP
    public const int ProtocolTcp = 6;           // IPPROTO_TCP
    public const int ProtocolIpv6 = 41;         // IPPROTO_IPV6
    public const int IpMinimumTtl = 21;         // IP_MINTTL
    public const int Ipv6UnicastHops = 16;      // IPV6_UNICAST_HOPS
    public const int Ipv6MinimumHopCount = 73;  // IPV6_MINHOPCOUNT
    public const int TcpMd5Signature = 14;      // TCP_MD5SIG
    public const int Md5SignatureLength = 216;  // struct tcp_md5sig: address (128), flags, prefix length, key length (16 bits), interface (32 bits), key (80)

    /// <summary>struct iovec</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public nint Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MultiMessage
    {
        public MessageHeader Header;
        public uint Received;
    }

    /// <summary>struct msghdr. A struct of its own, so that C's padding at its end comes before <see cref="MultiMessage.Received"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public nint Vectors;
        public nuint VectorCount;
        public nint Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct pollfd</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static unsafe partial int ReceiveMany(SafeHandle socket, MultiMessage* messages, uint count, int flags, nint timeout);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static unsafe partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static unsafe partial nint Write(SafeHandle descriptor, void* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static unsafe partial int Bind(SafeHandle socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static unsafe partial int SetOption(SafeHandle socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static unsafe partial int GetOption(SafeHandle socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, SafeHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    public static partial int SetPriority(int which, int who, int niceness);
}
