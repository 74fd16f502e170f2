using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Json;

namespace Breakwater.Protocols.Feeds;

/// <summary>What the formats of feeds have in common. Nothing here throws, whatever the bytes.</summary>
internal static class FeedText
{
    /// <summary>Longest line that is looked at.</summary>
    public const int MaxLine = 64 * 1024;

    /// <summary>Deepest nesting of JSON that is followed; the default of the reader is 64.</summary>
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 32, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Takes the next line off the rest of a document, without its line break.</summary>
    public static bool NextLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (rest.IsEmpty) return false;
        var end = rest.IndexOf((byte)'\n');
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        if (line.Length > 0 && line[^1] == '\r') line = line[..^1];
        return true;
    }

    /// <summary>Bytes as text; what is not UTF-8 becomes replacement characters.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>A document of JSON; null when it is none.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            if (json.Span.StartsWith("\uFEFF"u8)) json = json[3..];
            return JsonDocument.Parse(json, Shallow);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member of an object; undefined where there is none.</summary>
    public static JsonElement Member(this JsonElement json, string name)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair in the name of another member.
            return default;
        }
    }

    /// <summary>The text of a member; empty where there is none, or no text.</summary>
    public static string Text(this JsonElement json, string name) => Text(json.Member(name));

    public static string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return "";
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is good JSON and no text.
            return "";
        }
    }

    /// <summary>The number of a member, written as a number or as text; null where there is none.</summary>
    public static double? Number(this JsonElement json, string name)
    {
        var member = json.Member(name);
        if (member.ValueKind == JsonValueKind.Number) return member.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
        return double.TryParse(Text(member), NumberStyles.Float, CultureInfo.InvariantCulture, out var written) && double.IsFinite(written) ? written : null;
    }

    public static bool True(this JsonElement json, string name) => json.Member(name).ValueKind == JsonValueKind.True;

    /// <summary>The members of an array; none where it is no array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } member ? member.EnumerateArray() : [];

    /// <summary>A moment as feeds write it: RFC 3339, or "2026-01-31 12:00:00" with or without "UTC", or a date. UTC is meant.</summary>
    public static Timestamp? Time(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.EndsWith(" UTC", StringComparison.Ordinal)) text = text[..^4].TrimEnd();
        if (text.Length is < 10 or > 40) return null;
        if (Rfc3339.TryParse(text, out var time)) return time;
        Span<char> normal = stackalloc char[44];
        text.CopyTo(normal);
        var length = text.Length;
        if (length == 10)
        {
            "T00:00:00Z".CopyTo(normal[10..]);
            length = 20;
        }
        normal[10] = 'T';
        if (normal[length - 1] != 'Z') normal[length++] = 'Z';
        return Rfc3339.TryParse(normal[..length], out time) ? time : null;
    }

    /// <summary>The host and port of a URL as an entry.</summary>
    public static bool TryHost(string url, FeedCategory category, out FeedEntry entry)
    {
        entry = default;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0) return false;
        if (!FeedEntry.TryParse(uri.Host.AsSpan().Trim("[]"), category, out entry)) return false;
        if (uri.Port is > 0 and <= ushort.MaxValue) entry = entry with { Port = (ushort)uri.Port };
        return true;
    }

    public static ushort Port(double? number) => number is >= 1 and <= ushort.MaxValue ? (ushort)number : (ushort)0;
}
