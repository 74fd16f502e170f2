using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Feeds;

namespace Breakwater.Protocols.Misp;

/// <summary>A MISP feed: a manifest that names events, and a document for each event.</summary>
/// <remarks>MISP core format, "Feeds": <c>manifest.json</c> is an object with a member for each event's UUID; the event is <c>UUID.json</c>, <c>{"Event":{"Attribute":[…],"Object":[…]}}</c>.</remarks>
public static class MispFeed
{
    /// <summary>The events of a manifest, newest first.</summary>
    /// <param name="document">UTF-8.</param>
    /// <param name="limit">Events at most.</param>
    /// <param name="events">Their UUIDs: nothing else may become part of a URL.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError ReadManifest(ReadOnlyMemory<byte> document, int limit, out IReadOnlyList<Guid> events)
    {
        events = [];
        using var json = FeedText.Parse(document);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object) return DecodeError.InvalidValue;
        var found = new List<(double Time, Guid Id)>();
        foreach (var item in json.RootElement.EnumerateObject())
            if (Guid.TryParseExact(Name(item), "D", out var id)) found.Add((item.Value.Number("timestamp") ?? 0, id));
        events = [.. found.OrderByDescending(e => e.Time).ThenBy(e => e.Id).Take(limit).Select(e => e.Id)];
        return DecodeError.None;
    }

    /// <summary>What an event wants to be looked for.</summary>
    /// <param name="document">UTF-8.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError ReadEvent(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        using var json = FeedText.Parse(document);
        if (json?.RootElement.Member("Event") is not { ValueKind: JsonValueKind.Object } told) return DecodeError.InvalidValue;
        var category = FeedCategoryNames.Guess($"{told.Text("info")} {string.Join(' ', told.Items("Tag").Select(t => t.Text("name")))}");
        foreach (var attribute in told.Items("Attribute").Concat(told.Items("Object").Where(o => !o.True("deleted")).SelectMany(o => o.Items("Attribute")))) Read(attribute, category, sink);
        return DecodeError.None;
    }

    private static void Read(JsonElement attribute, FeedCategory category, FeedSink sink)
    {
        // to_ids says that the attribute is fit for looking for automatically.
        if (!attribute.True("to_ids") || attribute.True("deleted")) return;
        var value = attribute.Text("value");
        var good = attribute.Text("type") switch
        {
            "ip-dst" or "ip-src" or "domain" or "hostname" => FeedEntry.TryParse(value, category, out var plain) ? plain : (FeedEntry?)null,
            "ip-dst|port" or "ip-src|port" or "hostname|port" => WithPort(value, category),
            "domain|ip" => FeedEntry.TryParse(value.Split('|')[0], category, out var name) ? name : null,
            "url" => FeedText.TryHost(value, category, out var host) ? host : null,
            _ => default(FeedEntry?),
        };
        if (good is { } entry) sink.Add(entry with { Seen = attribute.Number("timestamp") is >= 0 and < 9e9 and var seconds ? Timestamp.FromSeconds(seconds) : null });
        else if (attribute.Text("type") is "ip-dst" or "ip-src" or "domain" or "hostname" or "url") sink.Skip();
    }

    private static FeedEntry? WithPort(string value, FeedCategory category)
    {
        var parts = value.Split('|', 3);
        return parts.Length == 2 && ushort.TryParse(parts[1], out var port) && FeedEntry.TryParse(parts[0], category, out var entry) ? entry with { Port = port } : null;
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair in a name.
            return "";
        }
    }
}
