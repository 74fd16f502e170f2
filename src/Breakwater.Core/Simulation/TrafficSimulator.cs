using Breakwater.Core.Flows;

namespace Breakwater.Core.Simulation;

/// <summary>
/// A small network with people at work and an attack every 40 seconds, as the flow records that its meter would give.
/// Seeded and told the time: the same seed and start give the same records, in however many batches they are taken.
/// </summary>
public sealed class TrafficSimulator
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly int _seed;
    private readonly Timestamp _start;
    private readonly FlowQueue _queue = new();
    private readonly OrdinaryTraffic _ordinary;
    private AttackTraffic? _current;
    private int _nextAttack;
    private Timestamp _currentEnd = Timestamp.Min;

    /// <param name="seed">Anything.</param>
    /// <param name="start">When the simulated world begins; records before it are not made.</param>
    public TrafficSimulator(int seed, Timestamp start)
    {
        _seed = seed;
        _start = start;
        Now = start;
        _ordinary = new OrdinaryTraffic(new Random(seed), _queue);
    }

    /// <summary>Everything before this time has been made.</summary>
    public Timestamp Now { get; private set; }

    /// <summary>Adds the records that end before a time, in the order of their ends, after those that the last call gave.</summary>
    /// <param name="batch">Receives them behind what it holds; its <see cref="FlowBatch.ReceivedAt"/> becomes the end of the newest.</param>
    /// <param name="until">Usually the time now. About 3,000 records a second come while an attack is on.</param>
    /// <returns>False when the batch was full before the time was reached: call again with another.</returns>
    public bool Fill(FlowBatch batch, Timestamp until)
    {
        while (true)
        {
            if (!_queue.MoveTo(batch, until < Now ? until : Now)) return false;
            if (Now >= until) return true;
            if (Now >= _currentEnd) BeginNextAttack();
            _ordinary.Begin(Now, Tick);
            _current!.Send(Now, Tick);
            Now += Tick;
        }
    }

    /// <summary>The attacks that begin before a time, in their order: what a detector should have found.</summary>
    public IEnumerable<SimulatedAttack> AttacksBefore(Timestamp time) =>
        Enumerable.Range(0, int.MaxValue).Select(i => AttackSchedule.Attack(_start, i)).TakeWhile(a => a.Start < time);

    private void BeginNextAttack()
    {
        var attack = AttackSchedule.Attack(_start, _nextAttack++);
        _current = new AttackTraffic(attack, _seed, _queue);
        _currentEnd = attack.End;
    }
}
