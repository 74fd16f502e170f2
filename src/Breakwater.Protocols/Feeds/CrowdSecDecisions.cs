using System.Globalization;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Protocols.Feeds;

/// <summary>Decisions of a CrowdSec local API: <c>GET /v1/decisions/stream?startup=true</c>, or a plain list of them.</summary>
/// <remarks>CrowdSec, local API: <c>{"new":[…],"deleted":[…]}</c>; a decision has <c>scope, value, duration, until, scenario, simulated, type</c>.</remarks>
public static class CrowdSecDecisions
{
    /// <param name="document">UTF-8.</param>
    /// <param name="now">When it was asked for: durations count from then.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError Read(ReadOnlyMemory<byte> document, Timestamp now, FeedSink sink)
    {
        using var json = FeedText.Parse(document);
        if (json is null) return DecodeError.InvalidValue;
        var root = json.RootElement;
        // "null" is how CrowdSec says that there are none.
        if (root.ValueKind == JsonValueKind.Null) return DecodeError.None;
        if (root.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object)) return DecodeError.InvalidValue;
        if (root.ValueKind == JsonValueKind.Object && root.Member("new").ValueKind == JsonValueKind.Undefined) return DecodeError.InvalidValue;
        foreach (var decision in root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : root.Items("new"))
        {
            if (decision.True("simulated")) continue;
            var scope = decision.Text("scope");
            if (!scope.Equals("ip", StringComparison.OrdinalIgnoreCase) && !scope.Equals("range", StringComparison.OrdinalIgnoreCase)
                || !FeedEntry.TryParse(decision.Text("value"), FeedCategoryNames.Guess(decision.Text("scenario")), out var entry) || entry.Prefix is null)
            {
                sink.Skip();
                continue;
            }
            var until = FeedText.Time(decision.Text("until")) ?? (TryDuration(decision.Text("duration"), out var lasts) ? now + lasts : null);
            sink.Add(entry with { Until = until });
        }
        return DecodeError.None;
    }

    /// <summary>A duration as Go writes it: 3h59m49.48s, 500ms, -5s.</summary>
    private static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan().TrimStart("+-");
        if (rest.IsEmpty || text.Length > 40) return false;
        double seconds = 0;
        while (!rest.IsEmpty)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.')) digits++;
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            var unit = 0;
            while (unit < rest.Length && !char.IsAsciiDigit(rest[unit])) unit++;
            double? factor = rest[..unit] switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
            if (factor is not { } known) return false;
            seconds += number * known;
            rest = rest[unit..];
        }
        // Ten years is for ever; more would leave the calendar.
        duration = TimeSpan.FromSeconds(Math.Min(seconds, 3650.0 * 86400)) * (text[0] == '-' ? -1 : 1);
        return true;
    }
}
