using Breakwater.Core.Flows;

namespace Breakwater.Core.Simulation;

/// <summary>Does to traffic what a sampling exporter does: of N packets one is seen, by chance, and stands for all. Seeded: the same traffic comes out the same.</summary>
/// <remarks>
/// RFC 5475 §5.2.2.1, uniform probabilistic sampling. Of a flow record as many packets are left as chance leaves; which of its flags were on them is chance too,
/// and nobody knows any more that both directions belonged to one record.
/// </remarks>
public sealed class PacketSampler(int oneIn, int seed)
{
    private const byte Fin = 1, Syn = 2, Rst = 4;

    private readonly Random _random = new(seed);
    private readonly bool[] _stays = new bool[FlowBatch.Capacity];

    /// <summary>Leaves what the exporter would have seen of a batch.</summary>
    public void Sample(FlowBatch batch)
    {
        if (oneIn <= 1) return;
        var flows = batch.Mutable;
        for (var i = 0; i < flows.Length; i++) _stays[i] = Thin(ref flows[i]);
        batch.Retain(_stays);
    }

    private bool Thin(ref Flow flow)
    {
        var seen = Draw(flow.SampledPackets);
        if (seen == 0) return false;
        if (flow.SampledPackets > 1)
        {
            var share = (double)seen / flow.SampledPackets;
            // A record has one packet each that opens, closes or resets.
            foreach (var flag in (ReadOnlySpan<byte>)[Syn, Fin, Rst])
                if (_random.NextDouble() >= share) flow.TcpFlags &= (byte)~flag;
            // Which of its packets was seen is chance too, but a file in the order of beginnings must stay in order: time never goes back in an engine.
            if (seen == 1) flow.End = flow.Start;
        }
        flow.Bytes = (long)((double)flow.Bytes / flow.SampledPackets * seen * oneIn);
        flow.Packets = (long)((double)flow.Packets / flow.SampledPackets * seen * oneIn);
        flow.SampledPackets = seen;
        flow.Flags &= ~(FlowFlags.Reverse | FlowFlags.Answered);
        return true;
    }

    /// <summary>How many of some packets are seen: the gaps between those that are have a geometric distribution.</summary>
    private uint Draw(uint packets)
    {
        var seen = 0u;
        var miss = Math.Log(1 - 1.0 / oneIn);
        for (var at = Gap(); at < packets; at += 1 + Gap()) seen++;
        return seen;

        double Gap() => Math.Floor(Math.Log(1 - _random.NextDouble()) / miss);
    }
}
