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

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    /// <summary>Pause after a failure, doubled each time up to the feed's interval.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    private readonly Feed[] _feeds = [.. options.Sources.Select(s => new Feed(s.Key, s.Value, new FeedFile(Path.Combine(folder, "feeds", s.Key))))];

    public IReadOnlyList<FeedStatus> Status() => [.. _feeds.Select(f => f.Status)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_feeds.Length == 0) return;
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
        var read = false;
        foreach (var feed in _feeds.Where(f => time.GetUtcNow() >= f.Due)) read |= await ReadAsync(feed, cancellation).ConfigureAwait(false);
        if (read) Publish();
    }

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
            await Composition.Default.CreateFeed(feed.Options.Format).ReadAsync(source, sink, limit.Token).ConfigureAwait(false);
            if (feed.Status.Problem is not null) logger.FeedWorksAgain(feed.Name);
            feed.Take(Timestamp.From(now), sink);
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
        private FeedStatus _status = new(name, options.Format, options.Reliability, null, null, 0, 0, 0, null);

        public string Name => name;

        public FeedOptions Options => options;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MinValue;

        public FeedContent? Content { get; private set; }

        public FeedStatus Status => Volatile.Read(ref _status);

        /// <summary>Takes up what it said before the restart.</summary>
        public void Recall(int capacity)
        {
            if (!file.TryRead(capacity, out var read, out var entries)) return;
            Hold(read, entries);
            Due = read.ToDateTimeOffset() + options.Interval;
        }

        public void Take(Timestamp now, FeedSink sink)
        {
            Hold(now, sink.Entries);
            Volatile.Write(ref _status, Status with { Skipped = sink.Skipped, Overflow = sink.Overflow, Problem = null });
            Due = now.ToDateTimeOffset() + options.Interval;
            _pause = FirstPause;
            file.Write(now, sink.Entries);
        }

        public void Fail(DateTimeOffset now, string problem)
        {
            Volatile.Write(ref _status, Status with { Problem = problem });
            Due = now + (_pause < options.Interval ? _pause : options.Interval);
            _pause *= 2;
        }

        private void Hold(Timestamp read, IReadOnlyList<FeedEntry> entries)
        {
            var expires = read + options.Lifetime;
            Content = new FeedContent(name, options.Reliability, expires, entries);
            Volatile.Write(ref _status, Status with { Read = read, Expires = expires, Entries = entries.Count });
        }
    }
}
