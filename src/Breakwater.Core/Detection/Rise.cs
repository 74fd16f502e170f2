using Breakwater.Core.Flows;

namespace Breakwater.Core.Detection;

/// <summary>When a kind of traffic rose to an attack, and what it was like before: the same kind goes on to carry ordinary traffic.</summary>
/// <remarks>
/// The moment is the likeliest one if packets come at random at one rate before it and at another after it. It is looked for once,
/// when the attack is recognised: then most of what is known of the kind is from before.
/// </remarks>
internal sealed class Rise
{
    /// <summary>An attack is at least this many times what was there before; less is how traffic goes up and down.</summary>
    private const double MinFactor = 3;

    /// <summary>Seconds of before, and flows of after, with less of which a rate says nothing: reflectors take a second to answer all together, and what came first is attack as well.</summary>
    private const double MinSeconds = 2;
    private const int MinAfter = 16;

    /// <summary>Whatever the rates, this share of what comes at most is taken for ordinary traffic.</summary>
    private const double MaxOrdinary = 0.9;

    private readonly Dictionary<(int Length, byte TcpFlags, ushort Port), double> _shapes = [];
    private readonly double _packetsPerSecond;

    private Rise(Timestamp at, IReadOnlyList<Flow> before, double packetsPerSecond)
    {
        At = at;
        Before = before;
        _packetsPerSecond = packetsPerSecond;
        foreach (var flow in before) _shapes[ShapeOf(flow)] = _shapes.GetValueOrDefault(ShapeOf(flow)) + 1.0 / before.Count;
    }

    public Timestamp At { get; }

    /// <summary>Sample of the flows from before.</summary>
    public IReadOnlyList<Flow> Before { get; }

    /// <returns>Null when nothing of note was there before.</returns>
    public static Rise? Of(TrafficComponent component)
    {
        var flows = component.WeightedSample();
        Array.Sort(flows, (a, b) => a.Start.CompareTo(b.Start));
        var all = flows.Sum(f => Math.Max(0.0, f.Packets));
        var (best, likeliest, rate) = (0, double.NegativeInfinity, 0.0);
        var before = 0.0;
        for (var i = 1; i <= flows.Length - MinAfter; i++)
        {
            before += Math.Max(0.0, flows[i - 1].Packets);
            var secondsBefore = (flows[i].Start - flows[0].Start).TotalSeconds;
            if (secondsBefore < MinSeconds || before <= 0 || flows[i].Start == flows[i - 1].Start) continue;
            var (low, high) = (before / secondsBefore, (all - before) / Math.Max(0.001, (component.Last - flows[i].Start).TotalSeconds));
            if (high < MinFactor * low) continue;
            var likelihood = before * Math.Log(low) + (all - before) * Math.Log(high);
            if (likelihood > likeliest) (best, likeliest, rate) = (i, likelihood, low);
        }
        if (best == 0) return null;
        var at = flows[best].Start;
        // Of a flood only a part is offered to the sample, of what came before it nearly all: the seconds have counted everything.
        return new Rise(at, flows[..best], component.RateBefore(at) ?? rate);
    }

    /// <summary>What of the sample is attack: what came after the rise, less as much as there was before of the same looks. All of it where nothing would be left.</summary>
    /// <param name="component">The same kind of traffic, in this window or a later one.</param>
    public Flow[] AttackOf(TrafficComponent component)
    {
        var attack = component.WeightedSample().Where(f => f.Start >= At).ToList();
        var calm = component.First < At ? (At - component.First).TotalSeconds : 0;
        var packets = Math.Max(1, component.Packets - calm * _packetsPerSecond);
        var ordinary = Math.Min(MaxOrdinary, Math.Max(0, component.Seconds - calm) * _packetsPerSecond / packets);
        var count = attack.Count;
        foreach (var (shape, share) in _shapes)
        {
            var surplus = (int)Math.Round(ordinary * share * count);
            attack.RemoveAll(f => surplus > 0 && ShapeOf(f) == shape && surplus-- > 0);
        }
        return attack.Count > 0 ? [.. attack] : component.WeightedSample();
    }

    private static (int, byte, ushort) ShapeOf(in Flow flow) => (flow.MeanLength, flow.TcpFlags, flow.DestinationPort);
}
