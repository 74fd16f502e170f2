using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Breakwater.Core.Flows;
using Breakwater.Engine.Flows;
using Breakwater.Protocols.Net;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Net;

/// <summary>Captures packets on this machine's interfaces, each a flow of one packet with its first octets attached.</summary>
/// <remarks>
/// Inert until <see cref="TryStart"/>; then one thread reads a ring shared with the kernel. Interfaces that come and go are
/// followed within a minute. Where the network card merges segments (GRO) or splits them (TSO), a "packet" is what the kernel
/// handles as one, up to 64 KiB.
/// </remarks>
public sealed class PacketCapture(PacketCaptureOptions options, BatchQueue queue, TimeProvider time, ILogger<PacketCapture> logger) : IDisposable
{
    private const int NotPermitted = 1;         // EPERM
    private const int AccessDenied = 13;        // EACCES
    private const int EthernetHeader = 14;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    private readonly byte[] _ethernet = new byte[FlowBatch.KeptOctets];
    private IReadOnlyList<CaptureInterface> _interfaces = [];
    private InterfaceCounter[] _counters = [];
    private InterfaceCounter _counter = new("", 0);
    private int _loopback = -1;
    private FlowBatch _batch = null!;
    private PacketRing? _ring;
    private WakeEvent? _wake;
    private Thread? _thread;
    private volatile bool _stopping;
    private long _packets;
    private long _skipped;
    private long _reportedDrops;

    /// <summary>The interfaces meant by the options, as they were at the last look.</summary>
    public IReadOnlyList<CaptureInterface> Interfaces => Volatile.Read(ref _interfaces);

    /// <summary>Packets captured, skipped ones included.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>Packets captured by interface, those that are gone included.</summary>
    public IReadOnlyList<InterfaceCounter> Counters => Volatile.Read(ref _counters);

    /// <summary>Packets that held no flow: neither IP nor ARP, or malformed.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Packets that the kernel dropped because the ring was full.</summary>
    public long KernelDrops => _ring?.Drops() ?? 0;

    /// <summary>Opens the ring and starts the thread.</summary>
    /// <param name="problem">Why not, and what to do about it.</param>
    public bool TryStart([NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (!OperatingSystem.IsLinux())
        {
            problem = "live capture needs Linux";
            return false;
        }
        try
        {
            _ring = new PacketRing(options.RingMebibytes);
            Look();
            _ring.Bind();
        }
        catch (Win32Exception refused)
        {
            _ring?.Dispose();
            _ring = null;
            problem = refused.NativeErrorCode is NotPermitted or AccessDenied
                ? "not permitted to capture packets: run as root, or grant CAP_NET_RAW (AmbientCapabilities=CAP_NET_RAW in the systemd unit, "
                    + $"or: setcap cap_net_raw+ep {Environment.ProcessPath})"
                : $"cannot capture packets: {refused.Message}";
            return false;
        }
        _wake = new WakeEvent();
        _batch = queue.Rent();
        _thread = HotThread.Create("capture", Run);
        _thread.Start();
        return true;
    }

    /// <summary>Stops the thread, hands over what it holds, and closes the ring. The queue stays open.</summary>
    public void Dispose()
    {
        if (_thread is null) return;
        _stopping = true;
        _wake!.Wake();
        _thread.Join();
        _thread = null;
        _wake.Dispose();
        _ring!.Dispose();
    }

    private void Run()
    {
        var ring = _ring!;
        PacketRing.PacketHandler take = Take;
        var lookedAt = time.GetTimestamp();
        while (!_stopping)
        {
            var any = ring.ReadBlock(take);
            // A block is handed over by the kernel when it is full or a few milliseconds old: no flow waits longer.
            if (_batch.Count > 0) HandOver();
            if (time.GetElapsedTime(lookedAt) > LookInterval)
            {
                lookedAt = time.GetTimestamp();
                Look();
                Report();
            }
            if (!any) _wake!.SleepUntilReadable(ring.Descriptor, (int)LookInterval.TotalMilliseconds);
        }
        while (ring.ReadBlock(take)) { }
        if (_batch.Count > 0) queue.Enqueue(_batch);
        else queue.Return(_batch);
    }

    private void Take(in RingPacket packet)
    {
        _packets++;
        // Packets come in runs of one interface.
        if (_counter.Index != packet.InterfaceIndex) _counter = CounterOf(packet.InterfaceIndex);
        _counter.Packets++;
        if (_batch.Count == FlowBatch.HandOver) HandOver();
        // Interfaces without an Ethernet header (tunnels, PPP) hand over plain IP.
        var bytes = packet.HasEthernetHeader ? packet.Bytes : packet.Bytes[Math.Clamp(packet.LinkHeader, 0, packet.Bytes.Length)..];
        var length = packet.OriginalLength - (packet.Bytes.Length - bytes.Length);
        ref var flow = ref _batch.Next();
        if (!PacketParser.TryParse(bytes, packet.HasEthernetHeader ? LinkTypes.Ethernet : LinkTypes.Raw, length, ref flow, out _))
        {
            _batch.Undo();
            _skipped++;
            return;
        }
        flow.Start = flow.End = new Timestamp(packet.Nanoseconds);
        if (packet.IsOutgoing)
        {
            flow.OutputInterface = (uint)packet.InterfaceIndex;
            flow.Flags |= FlowFlags.Egress;
        }
        else
        {
            flow.InputInterface = (uint)packet.InterfaceIndex;
        }
        if (packet.InterfaceIndex == _loopback) flow.Flags |= FlowFlags.Loopback;
        if ((flow.Flags & FlowFlags.Tunnelled) != 0) AttachOuter(bytes, packet.HasEthernetHeader ? LinkTypes.Ethernet : LinkTypes.Raw, length, flow);
        if (packet.HasEthernetHeader) _batch.KeepPacket(bytes, length);
        else _batch.KeepPacket(WithEthernetHeader(bytes), length + EthernetHeader);
    }

    private InterfaceCounter CounterOf(int index) => Array.Find(_counters, c => c.Index == index) ?? new InterfaceCounter("", index);

    private void AttachOuter(ReadOnlySpan<byte> bytes, int linkType, int length, in Flow inner)
    {
        var outer = new Flow { Start = inner.Start, End = inner.End, InputInterface = inner.InputInterface, OutputInterface = inner.OutputInterface };
        if (!PacketParser.TryParseOuter(bytes, linkType, length, ref outer, out _)) return;
        outer.Flags |= inner.Flags & FlowFlags.Egress;
        _batch.AttachTunnel(outer);
    }

    private void HandOver()
    {
        _batch.LinkType = LinkTypes.Ethernet;
        _batch.ReceivedAt = Timestamp.From(time.GetUtcNow());
        queue.Enqueue(_batch);
        _batch = queue.Rent();
    }

    /// <summary>Evidence is of one link type: a packet without a link layer gets an empty Ethernet header.</summary>
    private ReadOnlySpan<byte> WithEthernetHeader(ReadOnlySpan<byte> ip)
    {
        var kept = Math.Min(ip.Length, _ethernet.Length - EthernetHeader);
        BinaryPrimitives.WriteUInt16BigEndian(_ethernet.AsSpan(12), ip.Length > 0 && ip[0] >> 4 == 6 ? (ushort)0x86DD : (ushort)0x0800);
        ip[..kept].CopyTo(_ethernet.AsSpan(EthernetHeader));
        return _ethernet.AsSpan(0, EthernetHeader + kept);
    }

    /// <summary>Looks which interfaces there are now, and tells the kernel and the log when that changed.</summary>
    private void Look()
    {
        var before = _interfaces;
        var now = CaptureInterface.Resolve(options.Interfaces);
        if (before.SequenceEqual(now)) return;
        _ring!.SetFilter(CaptureFilter.For(now, options.Snap));
        Volatile.Write(ref _interfaces, now);
        _loopback = now.FirstOrDefault(i => i.IsLoopback)?.Index ?? -1;
        // An interface that went and came back has another index, and counts on under its name.
        Volatile.Write(ref _counters,
        [
            .. now.Where(i => i.Index != 0).Select(i => new InterfaceCounter(i.Name, i.Index) { Packets = Array.Find(_counters, c => c.Name == i.Name)?.Packets ?? 0 }),
            .. _counters.Where(c => now.All(i => i.Index == 0 || i.Name != c.Name)),
        ]);
        _counter = new InterfaceCounter("", 0);
        foreach (var changed in now.Except(before))
        {
            if (changed.State == CaptureInterfaceState.Capturing)
            {
                if (options.Promiscuous && options.Interfaces.Contains(changed.Name)) _ring.SetPromiscuous(changed.Index);
                logger.Capturing(changed.Name);
            }
            else
            {
                logger.NotCapturing(changed.Name, changed.State);
            }
        }
        foreach (var gone in before.ExceptBy(now.Select(i => i.Name), i => i.Name)) logger.NotCapturing(gone.Name, CaptureInterfaceState.Missing);
    }

    private void Report()
    {
        var drops = KernelDrops;
        if (drops > _reportedDrops) logger.CaptureDropped(drops - _reportedDrops);
        _reportedDrops = drops;
    }
}
