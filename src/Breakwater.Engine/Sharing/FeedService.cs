using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Sharing;

/// <summary>How a feed does.</summary>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Format">Name of the format.</param>
/// <param name="Reliability">As configured.</param>
/// <param name="Read">When it was read last; null for never.</param>
/// <param name="Expires">When what it said stops to count.</param>
/// <param name="Entries">Entries held.</param>
/// <param name="Skipped">Lines of the last reading that were not understood.</param>
/// <param name="Overflow">Entries of the last reading that did not fit.</param>
/// <param name="Problem">Why it cannot be read now; null where it can.</param>
public sealed record FeedStatus(string Name, string Format, double Reliability, Timestamp? Read, Timestamp? Expires, int Entries, long Skipped, long Overflow, string? Problem);

/// <summary>Reads the feeds, one after the other, each in its time, and lays what they say together.</summary>
public sealed class FeedService(FeedsOptions options, string folder, HomeNetwork network, KnownBadBoard board, FeedMetrics metrics, TimeProvider time, ILogger<FeedService> logger) : BackgroundService
{
    /// <summary>One reading at most; a server that drips would hold up all others.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    /// <summary>Pause after a failure, doubled each time up to the feed's interval.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    private Feed[] _feeds = [.. options.Sources.Select(s => FeedOf(s.Key, s.Value, folder))];
    private bool _optionsChanged;

    public IReadOnlyList<FeedStatus> Status() => [.. Volatile.Read(ref _feeds).Select(f => f.Status)];

    /// <summary>The options were changed. Takes effect at the next turn; feeds that stay lose nothing of what they said.</summary>
    public void TakeUpOptions() => Volatile.Write(ref _optionsChanged, true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        foreach (var feed in _feeds) feed.Recall(options.MaxEntries);
        Publish();
        using var timer = new PeriodicTimer(Turn, time);
        try
        {
            do await ReadDueAsync(stoppingToken).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    /// <summary>Reads every feed whose time has come.</summary>
    internal async Task ReadDueAsync(CancellationToken cancellation)
    {
        var read = Interlocked.Exchange(ref _optionsChanged, false) && Arrange();
        foreach (var feed in _feeds.Where(f => time.GetUtcNow() >= f.Due)) read |= await ReadAsync(feed, cancellation).ConfigureAwait(false);
        if (read) Publish();
    }

    /// <summary>A feed with other options begins anew; what it said before still counts where it is the same source.</summary>
    private bool Arrange()
    {
        var former = _feeds.ToDictionary(f => f.Name);
        var feeds = options.Sources.Select(s => former.TryGetValue(s.Key, out var known) && known.Options == s.Value ? known : FeedOf(s.Key, s.Value, folder)).ToArray();
        foreach (var feed in feeds.Except(former.Values)) feed.Recall(options.MaxEntries);
        Volatile.Write(ref _feeds, feeds);
        return true;
    }

    private static Feed FeedOf(string name, FeedOptions options, string folder) => new(name, options, new FeedFile(Path.Combine(folder, "feeds", name), options));

    private async Task<bool> ReadAsync(Feed feed, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        string problem;
        try
        {
            using var source = new FeedSource(feed.Options, options.MaxMebibytes * 1024 * 1024, time);
            var sink = new FeedSink(options.MaxEntries);
            var place = feed.Place(Timestamp.From(now));
            var cursor = await Composition.Default.CreateFeed(feed.Options.Format).ReadAsync(source, place, sink, limit.Token).ConfigureAwait(false);
            if (feed.Status.Problem is not null) logger.FeedWorksAgain(feed.Name);
            feed.Take(Timestamp.From(now), sink, cursor, isWhole: place is null);
            metrics.Read(feed.Name);
            logger.FeedRead(feed.Name, sink.Entries.Count, sink.Skipped, sink.Overflow);
            return true;
        }
        catch (Exception failed) when (failed is HttpRequestException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problem = failed.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            problem = "it takes too long";
        }
        metrics.Failed(feed.Name);
        if (feed.Status.Problem is null) logger.FeedFails(feed.Name, problem);
        feed.Fail(now, problem);
        return false;
    }

    private void Publish()
    {
        var contents = _feeds.Select(f => f.Content).OfType<FeedContent>().ToArray();
        board.Current = new KnownBad(contents, network, options.Never);
    }

    private sealed class Feed(string name, FeedOptions options, FeedFile file)
    {
        private TimeSpan _pause = FirstPause;
        private FeedReading? _last;
        private FeedStatus _status = new(name, options.Format, options.Reliability, null, null, 0, 0, 0, null);

        public string Name => name;

        public FeedOptions Options => options;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MinValue;

        public FeedContent? Content { get; private set; }

        public FeedStatus Status => Volatile.Read(ref _status);

        /// <summary>Takes up what it said before the restart.</summary>
        public void Recall(int capacity)
        {
            if (file.Read(capacity) is not { } former) return;
            Hold(former);
            Due = former.Read.ToDateTimeOffset() + options.Interval;
        }

        /// <summary>Where to go on; null where it must be read as a whole, which it is now and then, for a feed may drop a line without a word.</summary>
        public FeedPlace? Place(Timestamp now) => _last is { Cursor.Length: > 0 } last && now - last.Whole < options.Lifetime ? new FeedPlace(last.Cursor, last.Entries) : null;

        public void Take(Timestamp now, FeedSink sink, string cursor, bool isWhole)
        {
            var reading = new FeedReading(now, isWhole ? now : _last!.Whole, cursor, sink.Entries);
            Hold(reading);
            Volatile.Write(ref _status, Status with { Skipped = sink.Skipped, Overflow = sink.Overflow, Problem = null });
            Due = now.ToDateTimeOffset() + options.Interval;
            _pause = FirstPause;
            file.Write(reading);
        }

        public void Fail(DateTimeOffset now, string problem)
        {
            Volatile.Write(ref _status, Status with { Problem = problem });
            Due = now + (_pause < options.Interval ? _pause : options.Interval);
            _pause *= 2;
            // It may be the place that it no longer likes.
            _last = _last is null ? null : _last with { Cursor = "" };
        }

        private void Hold(FeedReading reading)
        {
            _last = reading;
            var expires = reading.Read + options.Lifetime;
            Content = new FeedContent(name, options.Reliability, expires, reading.Entries);
            Volatile.Write(ref _status, Status with { Read = reading.Read, Expires = expires, Entries = reading.Entries.Count });
        }
    }
}
