using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Feeds;
using Breakwater.Protocols.Stix;

namespace Breakwater.Protocols.Taxii;

/// <summary>One page of somebody's collection.</summary>
/// <remarks>TAXII 2.1 §3.7.</remarks>
public static class TaxiiEnvelope
{
    /// <param name="document">UTF-8.</param>
    /// <param name="sink">Gets what the indicators look for.</param>
    /// <param name="more">True when there are more pages.</param>
    /// <param name="next">How to ask for the next; empty where the header says it.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError Read(ReadOnlyMemory<byte> document, FeedSink sink, out bool more, out string next)
    {
        (more, next) = (false, "");
        using var json = FeedText.Parse(document);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object) return DecodeError.InvalidValue;
        more = json.RootElement.True("more");
        next = json.RootElement.Text("next");
        StixFeed.Read(json.RootElement, sink);
        return DecodeError.None;
    }
}
