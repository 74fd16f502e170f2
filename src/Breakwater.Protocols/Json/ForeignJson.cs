using System.Text.Json;

namespace Breakwater.Protocols.Json;

/// <summary>JSON that somebody else wrote and that is taken as a whole or not at all.</summary>
/// <remarks>
/// RFC 8259 §8.2: an escape that is half of a surrogate pair is good JSON and no text. The reader takes it and throws at the first look, be it at another member of the
/// same object. I-JSON forbids it (RFC 7493 §2.1), and so do we. Feeds, of which one bad line must not cost the rest, look member by member instead (FeedText).
/// </remarks>
public static class ForeignJson
{
    /// <returns>Null where it is not JSON, or a name or text in it is none.</returns>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8, JsonDocumentOptions options = default)
    {
        try
        {
            return IsText(utf8.Span) ? JsonDocument.Parse(utf8, options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>True where every name and every text can be read.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    internal static bool IsText(ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8);
        try
        {
            while (json.Read())
                if (json.ValueIsEscaped) _ = json.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
