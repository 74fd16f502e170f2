using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Captures;

/// <summary>A flow file's record counts both directions of a connection; two unidirectional flows are made of it.</summary>
internal static class BidirectionalRecord
{
    /// <summary>Most octets of a record's two halves that are believed: beyond, a count is damage and sums would overflow.</summary>
    public const long LargestCount = 1L << 50;

    /// <summary>Appends those halves that carried packets.</summary>
    /// <param name="forward">From the one who opened the connection: addresses, ports, protocol, times and counts.</param>
    /// <param name="reverse">Of the other half, only what differs from a mirror image: counts, TCP flags, TOS, and ICMP type and code.</param>
    /// <returns>False when neither half carried packets; nothing was appended.</returns>
    /// <remarks>A reverse half alone is not marked as one: it answers nothing that was seen, as backscatter does.</remarks>
    public static bool AddTo(FlowBatch batch, ref Flow forward, ref Flow reverse)
    {
        if (forward.Packets == 0 && reverse.Packets == 0) return false;
        if (reverse.Packets > 0)
        {
            reverse.Source = forward.Destination;
            reverse.Destination = forward.Source;
            reverse.Protocol = forward.Protocol;
            reverse.Start = forward.Start;
            reverse.End = forward.End;
            reverse.SampledPackets = (uint)Math.Min(reverse.Packets, uint.MaxValue);
            reverse.Flags |= forward.Flags;
            if (forward.Packets > 0)
            {
                forward.Flags |= FlowFlags.Answered;
                reverse.Flags |= FlowFlags.Reverse | FlowFlags.Answered;
            }
        }
        forward.SampledPackets = (uint)Math.Min(forward.Packets, uint.MaxValue);
        if (forward.Packets > 0) batch.Add(forward);
        if (reverse.Packets > 0) batch.Add(reverse);
        if (batch.ReceivedAt < forward.End) batch.ReceivedAt = forward.End;
        return true;
    }
}
