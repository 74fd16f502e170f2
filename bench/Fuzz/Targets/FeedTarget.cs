using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Fuzz.Targets;

/// <summary>A format of feeds: no more entries than fit, each an address or a name, and all of them fit for the table that is made of them.</summary>
public sealed class FeedTarget(string name, Func<ReadOnlyMemory<byte>, FeedSink, DecodeError> read, IReadOnlyList<string> good, params string[] words) : IFuzzTarget
{
    private const int Capacity = 500;

    private static readonly string[] Names = [.. Enum.GetValues<DecodeError>().Select(e => e.ToString())];

    public string Name => name;

    public IReadOnlyList<byte[]> Corpus { get; } = [.. good.Select(Encoding.UTF8.GetBytes)];

    public IReadOnlyList<byte[]> Tokens { get; } = [.. words.Concat(["\"", "\\", "\\ud800", "null", "{", "}", "[", "]", "-1", "1e308", "99999999999999999999", "::", "/0", "0.0.0.0", "\r\n", "\uFEFF"]).Select(Encoding.UTF8.GetBytes)];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var sink = new FeedSink(Capacity);
        var error = read(input, sink);
        if (sink.Entries.Count > Capacity) throw new InvalidOperationException("more entries than fit");
        if (sink.Entries.Any(e => e.Prefix is null && !FeedEntry.IsDomain(e.Name))) throw new InvalidOperationException("an entry that is neither an address nor a name");
        if (sink.Entries.Any(e => e.Confidence is not (>= 0 and <= 1))) throw new InvalidOperationException("a confidence that is none");
        _ = new KnownBad([new FeedContent("fuzz", 0.5, Timestamp.Max, sink.Entries)], null, []);
        return Names[(int)error];
    }
}
