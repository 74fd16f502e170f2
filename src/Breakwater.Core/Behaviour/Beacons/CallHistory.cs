using Breakwater.Core.Flows;

namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>When one host called one service of another, and how much was said: the newest calls in full, all of them by hour.</summary>
/// <remarks>5 KiB once full; grows as calls come.</remarks>
internal sealed class CallHistory(Timestamp first)
{
    /// <summary>Calls kept in full.</summary>
    public const int Kept = 256;

    /// <summary>Hours kept: two weeks.</summary>
    private const int MaxHours = 336;

    private readonly List<Call> _calls = [];
    private readonly HashSet<long> _hours = [];
    private int _oldest;

    public Timestamp First { get; } = first;
    public Timestamp Last { get; private set; } = first;
    public long Count { get; private set; }

    /// <summary>Calls at the last telling.</summary>
    public long ToldAt { get; set; }

    /// <summary>Its calls were found regular.</summary>
    public bool IsRegular { get; set; }

    /// <summary>Hours of the clock with a call in them.</summary>
    public int Hours => _hours.Count;

    public void Add(in Call call)
    {
        Count++;
        if (call.Start > Last) Last = call.Start;
        if (_hours.Count < MaxHours) _hours.Add(call.Start.Nanoseconds / (3600 * Timestamp.NanosecondsPerSecond));
        if (_calls.Count < Kept) _calls.Add(call);
        else
        {
            _calls[_oldest] = call;
            _oldest = (_oldest + 1) % Kept;
        }
    }

    /// <summary>The calls kept, in the order in which they began.</summary>
    public Call[] Calls()
    {
        var calls = _calls.ToArray();
        Array.Sort(calls, static (a, b) => a.Start.CompareTo(b.Start));
        return calls;
    }
}

/// <param name="Start">When it began.</param>
/// <param name="Sent">Octets of IP packets that the caller sent.</param>
/// <param name="Received">Octets that came back.</param>
internal readonly record struct Call(Timestamp Start, long Sent, long Received);
