namespace Breakwater.Core.Sharing;

/// <summary>Where a parser puts what it reads. Bounded: what does not fit is counted.</summary>
/// <param name="capacity">Entries at most.</param>
public sealed class FeedSink(int capacity)
{
    private readonly List<FeedEntry> _entries = [];

    public IReadOnlyList<FeedEntry> Entries => _entries;

    /// <summary>Lines that were not understood.</summary>
    public long Skipped { get; private set; }

    /// <summary>Entries that did not fit.</summary>
    public long Overflow { get; private set; }

    public void Add(in FeedEntry entry)
    {
        if (_entries.Count < capacity) _entries.Add(entry);
        else Overflow++;
    }

    public void Skip() => Skipped++;
}
