namespace Breakwater.Core.Sharing;

/// <summary>Where a parser puts what it reads. Bounded: what does not fit is counted.</summary>
/// <param name="capacity">Entries at most.</param>
public sealed class FeedSink(int capacity)
{
    private readonly List<FeedEntry> _entries = [];
    private readonly HashSet<string> _references = [];

    public IReadOnlyList<FeedEntry> Entries => _entries;

    /// <summary>Lines that were not understood.</summary>
    public long Skipped { get; private set; }

    /// <summary>Entries that did not fit.</summary>
    public long Overflow { get; private set; }

    public void Add(in FeedEntry entry)
    {
        if (_entries.Count >= capacity)
        {
            Overflow++;
            return;
        }
        _entries.Add(entry);
        if (entry.Reference is { } reference) _references.Add(reference);
    }

    /// <summary>The feed speaks of records again: what it said of them before no longer counts.</summary>
    public void Supersede(IReadOnlyCollection<string> references)
    {
        if (_references.Count == 0 || !references.Any(_references.Contains)) return;
        var gone = references.ToHashSet();
        _entries.RemoveAll(e => e.Reference is { } reference && gone.Contains(reference));
        _references.ExceptWith(gone);
    }

    public void Skip() => Skipped++;
}
