using Breakwater.Core.Flows;

namespace Breakwater.Core.Detection;

/// <summary>Traffic of one watched target in one direction, taken apart into at most <see cref="MaxComponents"/> kinds.</summary>
public sealed class TrafficProfile
{
    /// <summary>Kinds told apart; later ones are counted in the totals only.</summary>
    public const int MaxComponents = 24;

    private readonly List<TrafficComponent> _components = [];
    private readonly ComponentPool _pool;
    private ulong _seed;
    private TrafficComponent? _latest;

    internal TrafficProfile(ComponentPool pool) => _pool = pool;

    public IReadOnlyList<TrafficComponent> Components => _components;
    public double Packets { get; private set; }
    public double Bytes { get; private set; }
    public long SampledPackets { get; private set; }
    public Timestamp First { get; private set; }
    public Timestamp Last { get; private set; }

    public TrafficComponent? Find(TrafficKind kind, ushort value = 0)
    {
        foreach (var component in _components)
            if (component.Key.Kind == kind && component.Key.Value == value) return component;
        return null;
    }

    /// <summary>Packets of one kind, all values together.</summary>
    public double PacketsOf(TrafficKind kind)
    {
        double sum = 0;
        foreach (var component in _components)
            if (component.Key.Kind == kind) sum += component.Packets;
        return sum;
    }

    public double PacketsOf(TrafficKind kind, ushort value) => Find(kind, value)?.Packets ?? 0;

    internal void Reset(ulong seed)
    {
        foreach (var component in _components) _pool.Return(component);
        _components.Clear();
        _latest = null;
        _seed = seed;
        Packets = Bytes = 0;
        SampledPackets = 0;
        First = Last = default;
    }

    internal void Add(in Flow flow, Timestamp now, bool inbound, bool spread, ReadOnlySpan<byte> packet, int originalLength, int linkType)
    {
        if (Packets == 0 || flow.Start < First) First = flow.Start;
        if (Packets == 0 || flow.End > Last) Last = flow.End;
        Packets += flow.Packets;
        Bytes += flow.Bytes;
        SampledPackets += flow.SampledPackets;

        var key = TrafficKey.Of(flow);
        // Runs of one kind are the rule in a flood.
        if (_latest?.Key != key)
        {
            var found = Find(key.Kind, key.Value);
            if (found is null)
            {
                if (_components.Count == MaxComponents) return;
                found = _pool.TryRent(key, _seed + (ulong)_components.Count);
                if (found is null) return;
                _components.Add(found);
            }
            _latest = found;
        }
        _latest!.Add(flow, now, inbound, spread, packet, originalLength, linkType);
    }
}

/// <summary>Components go round: a watch that ends gives its own to the next.</summary>
/// <param name="capacity">Components that may exist at once.</param>
internal sealed class ComponentPool(int capacity)
{
    private readonly Stack<TrafficComponent> _free = new();
    private int _made;

    /// <summary>Less than a fifth is left.</summary>
    public bool IsCrowded => _made - _free.Count > capacity - capacity / 5;

    /// <returns>Null when all are in use.</returns>
    public TrafficComponent? TryRent(TrafficKey key, ulong seed)
    {
        if (!_free.TryPop(out var component))
        {
            if (_made == capacity) return null;
            component = new TrafficComponent();
            _made++;
        }
        component.Reset(key, seed);
        return component;
    }

    public void Return(TrafficComponent component) => _free.Push(component);
}
