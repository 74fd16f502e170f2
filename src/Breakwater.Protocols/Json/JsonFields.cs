using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>How the vocabulary's plain values look in JSON, in both directions. Readers throw <see cref="FormatException"/>.</summary>
internal static class JsonFields
{
    public static void WriteTime(this Utf8JsonWriter json, string name, Timestamp? time)
    {
        if (time is { } known) json.WriteString(name, Rfc3339.Format(known));
        else json.WriteNull(name);
    }

    /// <summary>JSON has no infinity and no NaN (RFC 8259 §6): they become null.</summary>
    public static void WriteDouble(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    /// <summary>A host prefix is a bare address, as people write it.</summary>
    public static string Text(Prefix prefix) => prefix.ToShortString();

    public static string Text(this JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    public static Timestamp Time(this JsonElement json, string name) =>
        json.OptionalTime(name) ?? throw new FormatException($"{name} is null");

    public static Timestamp? OptionalTime(this JsonElement json, string name)
    {
        var field = json.GetProperty(name);
        if (field.ValueKind == JsonValueKind.Null) return null;
        return Rfc3339.TryParse(field.GetString(), out var time) ? time : throw new FormatException($"{name} is not an RFC 3339 date-time");
    }

    public static double Double(this JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.Number } field ? field.GetDouble() : double.NaN;

    public static long Long(this JsonElement json, string name) => json.GetProperty(name).GetInt64();

    public static T[] List<T>(this JsonElement json, string name, Func<JsonElement, T> read) =>
        [.. json.GetProperty(name).EnumerateArray().Select(read)];

    public static string[] Strings(this JsonElement json, string name) =>
        json.List(name, v => v.GetString() ?? throw new FormatException($"{name} holds a null"));
}
