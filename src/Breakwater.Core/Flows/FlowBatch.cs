using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Breakwater.Core.Flows;

/// <summary>A bounded run of flows on its way from one receiver to the detection loop; goes round through a pool. Not thread-safe.</summary>
public sealed class FlowBatch
{
    /// <summary>Flows one batch holds at most; more are refused, and the decoder reports <see cref="DecodeError.TooManyRecords"/>.</summary>
    public const int Capacity = 4096;

    /// <summary>Receivers hand a batch on once it holds this many: 100 KiB, so that decoding and metering stay in the L2 cache.</summary>
    public const int HandOver = 1024;

    /// <summary>Octets of a packet that <see cref="KeepPacket"/> keeps: what evidence holds of one.</summary>
    public const int KeptOctets = 256;

    // Cleared flow by flow, so that pages which no flow ever reached are never resident.
    private readonly Flow[] _flows = GC.AllocateUninitializedArray<Flow>(Capacity);
    private byte[]? _kept;
    private PacketSlice[]? _packets;
    private List<(int Index, Flow Outer)>? _tunnels;

    public int Count { get; private set; }

    /// <summary>When the receiver got the newest datagram or packet of this batch, by its own clock (the capture's, on replay).</summary>
    public Timestamp ReceivedAt { get; set; }

    public bool IsFull => Count == Capacity;

    public ReadOnlySpan<Flow> Flows => _flows.AsSpan(0, Count);

    /// <summary>The flows, to be amended by whoever owns the batch (clock correction, interface overrides).</summary>
    public Span<Flow> Mutable => _flows.AsSpan(0, Count);

    /// <summary>Bytes that the slices of <see cref="PacketOf"/> point into; null for flow records.</summary>
    public ReadOnlyMemory<byte> PacketBytes { get; set; }

    /// <summary>Link type of <see cref="PacketBytes"/> (draft-ietf-opsawg-pcaplinktype); meaningful when a packet is held.</summary>
    public int LinkType { get; set; }

    /// <summary>Room for one more flow, cleared; check <see cref="IsFull"/> first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Flow Next()
    {
        ref var flow = ref _flows[Count];
        Count++;
        flow = default;
        return ref flow;
    }

    /// <summary>Takes back the flow that <see cref="Next"/> gave last, because its record proved unreadable.</summary>
    public void Undo() => Count--;

    /// <summary>Drops all flows after the first <paramref name="count"/>.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);

    /// <returns>False when the batch is full; the flow was not taken.</returns>
    public bool Add(in Flow flow)
    {
        if (Count == Capacity) return false;
        _flows[Count++] = flow;
        return true;
    }

    /// <summary>Says where in <see cref="PacketBytes"/> the packet of the newest flow lies.</summary>
    public void AttachPacket(int offset, int captured, int original)
    {
        _packets ??= new PacketSlice[Capacity];
        _packets[Count - 1] = new PacketSlice(offset, captured, original);
    }

    /// <summary>Copies the first octets of the newest flow's packet into memory that stays with the batch, for packets that will not stay where they are.</summary>
    /// <remarks>For the first <see cref="HandOver"/> flows of a batch in which every packet is kept this way.</remarks>
    public void KeepPacket(ReadOnlySpan<byte> packet, int original)
    {
        _kept ??= new byte[HandOver * KeptOctets];
        if (PacketBytes.IsEmpty) PacketBytes = _kept;
        var offset = (Count - 1) * KeptOctets;
        var captured = offset < _kept.Length ? Math.Min(packet.Length, KeptOctets) : 0;
        packet[..captured].CopyTo(_kept.AsSpan(Math.Min(offset, _kept.Length)));
        AttachPacket(captured == 0 ? 0 : offset, captured, original);
    }

    /// <summary>Keeps the outer packet of the newest flow, which is of the inner one: whoever knows what is home decides which counts.</summary>
    public void AttachTunnel(in Flow outer) => (_tunnels ??= []).Add((Count - 1, outer));

    /// <summary>Flows of inner packets, by number, and their outer packets.</summary>
    public ReadOnlySpan<(int Index, Flow Outer)> Tunnels => CollectionsMarshal.AsSpan(_tunnels);

    /// <summary>The packet that flow number <paramref name="index"/> was made of, from its link-layer header; empty for flow records.</summary>
    public ReadOnlySpan<byte> PacketOf(int index, out int originalLength)
    {
        originalLength = 0;
        if (_packets is null || PacketBytes.IsEmpty) return default;
        var slice = _packets[index];
        originalLength = slice.Original;
        return PacketBytes.Span.Slice(slice.Offset, slice.Captured);
    }

    /// <summary>Drops the flows that are not to stay; the others close up, with their packets and tunnels.</summary>
    /// <param name="stays">By number of the flow.</param>
    public void Retain(ReadOnlySpan<bool> stays)
    {
        var kept = 0;
        List<(int Index, Flow Outer)>? tunnels = null;
        for (int i = 0, tunnel = 0; i < Count; i++)
        {
            var isTunnel = tunnel < Tunnels.Length && Tunnels[tunnel].Index == i;
            if (stays[i])
            {
                if (isTunnel) (tunnels ??= []).Add((kept, Tunnels[tunnel].Outer));
                _flows[kept] = _flows[i];
                if (_packets is not null) _packets[kept] = _packets[i];
                kept++;
            }
            if (isTunnel) tunnel++;
        }
        _tunnels = tunnels;
        Count = kept;
    }

    public void Clear()
    {
        Count = 0;
        PacketBytes = default;
        _tunnels?.Clear();
    }

    private readonly record struct PacketSlice(int Offset, int Captured, int Original);
}
