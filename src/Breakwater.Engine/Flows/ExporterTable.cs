using System.Collections.Concurrent;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Flows;

/// <summary>Every exporter known, by source address. Bounded, whoever forges addresses. Thread-safe.</summary>
/// <remarks>
/// When full, a newcomer takes the place of the exporter silent the longest, if that is more than a minute; else it is refused.
/// So a flood of forged addresses cannot push out exporters that are sending.
/// </remarks>
/// <param name="capacity">Exporters at most, 1 to 65,535.</param>
/// <param name="overrides">Sampling rates that the operator set.</param>
public sealed class ExporterTable(int capacity, IEnumerable<SamplingOverride> overrides)
{
    /// <summary>Silence after which an exporter may be replaced. Exporters resend templates and counters more often than this.</summary>
    public static readonly TimeSpan ReplaceableAfter = TimeSpan.FromMinutes(1);

    // A search looks at the whole table: under a flood of newcomers it may not happen at each of them.
    private static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IpAddr, Exporter> _exporters = new(concurrencyLevel: 1, capacity: 31);
    private ILookup<IpAddr, SamplingOverride> _overrides = overrides.ToLookup(o => o.Exporter);
    private readonly Lock _gate = new();
    private readonly Queue<Exporter> _silent = new();
    private Timestamp _searchedAt = Timestamp.Min;
    private ushort _lastNumber;
    private long _refused;
    private long _replaced;

    /// <summary>Exporters known now, in no order.</summary>
    public ICollection<Exporter> Exporters => _exporters.Values;

    public int Count => _exporters.Count;

    /// <summary>Datagrams refused because the table was full of exporters that are sending.</summary>
    public long RefusedDatagrams => Interlocked.Read(ref _refused);

    /// <summary>Exporters that gave their place to another.</summary>
    public long Replaced => Interlocked.Read(ref _replaced);

    /// <summary>The exporter with this source address, made known if it is new.</summary>
    /// <returns>Null when the table is full: the datagram was counted as refused.</returns>
    public Exporter? FindOrAdd(IpAddr source, Timestamp now) =>
        _exporters.TryGetValue(source, out var exporter) ? exporter : Add(source, now);

    public Exporter? Find(IpAddr source) => _exporters.GetValueOrDefault(source);

    /// <summary>Replaces the rates that the operator set, for exporters known and to come.</summary>
    public void SetOverrides(IEnumerable<SamplingOverride> overrides)
    {
        lock (_gate)
        {
            _overrides = overrides.ToLookup(o => o.Exporter);
            foreach (var exporter in _exporters.Values) Override(exporter);
        }
    }

    /// <summary>Gives the receivers new tables instead of changing those they look into.</summary>
    private void Override(Exporter exporter)
    {
        var own = _overrides[exporter.Address];
        exporter.Sampling.InterfaceOverrides = own.Where(o => o.Interface != 0).GroupBy(o => o.Interface).ToDictionary(o => o.Key, o => o.Last().Rate);
        exporter.Sampling.Override = own.LastOrDefault(o => o.Interface == 0)?.Rate ?? 0;
    }

    private Exporter? Add(IpAddr source, Timestamp now)
    {
        lock (_gate)
        {
            if (_exporters.TryGetValue(source, out var known)) return known;
            ushort number;
            if (_lastNumber < capacity) number = ++_lastNumber;
            else if (TakePlace(now) is { } free) number = free;
            else
            {
                _refused++;
                return null;
            }
            var exporter = new Exporter(source, number) { FirstSeen = now, LastSeen = now };
            if (_overrides.Contains(source)) Override(exporter);
            _exporters[source] = exporter;
            return exporter;
        }
    }

    /// <summary>Forgets the exporter silent the longest, and gives its number.</summary>
    private ushort? TakePlace(Timestamp now)
    {
        if (_silent.Count == 0)
        {
            if (_searchedAt != Timestamp.Min && now - _searchedAt < SearchInterval) return null;
            _searchedAt = now;
            foreach (var exporter in _exporters.Values.Where(e => now - e.LastSeen > ReplaceableAfter).OrderBy(e => e.LastSeen))
                _silent.Enqueue(exporter);
        }
        while (_silent.TryDequeue(out var exporter))
        {
            // It may have spoken since the search.
            if (now - exporter.LastSeen <= ReplaceableAfter) continue;
            if (!_exporters.TryRemove(exporter.Address, out _)) continue;
            _replaced++;
            return exporter.Number;
        }
        return null;
    }
}
