using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Pcap;

/// <summary>What both capture formats say of a packet.</summary>
/// <param name="Offset">Where it begins in the batch's <see cref="FlowBatch.PacketBytes"/>.</param>
/// <param name="Captured">Octets kept.</param>
/// <param name="Original">Octets on the wire; as the file says, so possibly nonsense.</param>
internal readonly record struct CapturedPacket(int Offset, int Captured, uint Original, int LinkType, Timestamp Time)
{
    /// <summary>libpcap's own limit for a packet (MAXIMUM_SNAPLEN); a longer one is damage.</summary>
    public const int Longest = 256 * 1024;

    /// <summary>Appends the packet's flow.</summary>
    /// <returns>False when the packet holds none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool AddTo(FlowBatch batch, ReadOnlySpan<byte> bytes)
    {
        // Some writers leave the original length at 0 or below the captured one; the draft lets a reader raise it.
        var original = (int)Math.Clamp(Original, (uint)Captured, int.MaxValue);
        ref var flow = ref batch.Next();
        if (!PacketParser.TryParse(bytes, LinkType, original, ref flow, out _))
        {
            batch.Undo();
            return false;
        }
        flow.Start = Time;
        flow.End = Time;
        batch.LinkType = LinkType;
        batch.ReceivedAt = Time;
        batch.AttachPacket(Offset, Captured, original);
        if ((flow.Flags & FlowFlags.Tunnelled) != 0) AttachOuter(batch, bytes, original);
        return true;
    }

    private void AttachOuter(FlowBatch batch, ReadOnlySpan<byte> bytes, int original)
    {
        var outer = new Flow { Start = Time, End = Time };
        if (PacketParser.TryParseOuter(bytes, LinkType, original, ref outer, out _)) batch.AttachTunnel(outer);
    }
}
