using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Remembers look-ups in an exporter's <see cref="SamplingTable"/>: records come by the thousand, rates change by the hour.</summary>
internal sealed class SamplingCache
{
    private const int Slots = 64;
    private readonly Entry[] _entries = new Entry[Slots];
    private uint? _soleSampler;
    private bool _hasSeveral;

    /// <summary>Takes note that a sampler was announced: with a single one in a domain, records need not name it.</summary>
    public void Learn(uint sampler)
    {
        _soleSampler ??= sampler;
        _hasSeveral |= sampler != _soleSampler;
        Array.Clear(_entries);
    }

    /// <summary>The rate for a record, at least 1.</summary>
    /// <param name="sampler">The record's samplerId or selectorId; null when its template has none.</param>
    /// <param name="input">The record's ingress interface, 0 for none.</param>
    /// <param name="isKnown">False when neither the exporter nor the operator has told a rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(SamplingTable table, uint domain, uint? sampler, uint input, out bool isKnown)
    {
        var key = (ulong)sampler.GetValueOrDefault() << 32 | input;
        ref var entry = ref _entries[(int)((key >> 32) * 7 + key) & (Slots - 1)];
        // A version is never negative, so its complement never equals that of an unused entry (0).
        if (entry.Key != key || entry.Stamp != ~table.Version || entry.HasSampler != sampler.HasValue) Look(table, domain, sampler, input, ref entry);
        isKnown = entry.IsKnown;
        return entry.Rate;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Look(SamplingTable table, uint domain, uint? sampler, uint input, ref Entry entry)
    {
        var isKnown = table.TryFind(domain, sampler ?? (_hasSeveral ? null : _soleSampler), input, out var rate);
        entry = new Entry((ulong)sampler.GetValueOrDefault() << 32 | input, ~table.Version, rate, isKnown, sampler.HasValue);
    }

    private readonly record struct Entry(ulong Key, int Stamp, uint Rate, bool IsKnown, bool HasSampler);
}
