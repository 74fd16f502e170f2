using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Nftables;

/// <summary>Packets and octets that a counter has seen. Never negative.</summary>
public readonly record struct NftCount(long Packets, long Bytes);

/// <summary>A table as <c>nft -j list table</c> tells of it, as far as we look.</summary>
/// <remarks>libnftables-json(5). What is not understood is part of the <see cref="Fingerprint"/> and of nothing else.</remarks>
public sealed class NftTable
{
    /// <summary>Deeper nesting than any rule has; beyond it the text is not read.</summary>
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    private readonly Dictionary<string, NftCount> _counters = [];
    private readonly Dictionary<string, List<string>> _chains = [];
    private readonly Dictionary<(string, IpAddr), string> _elements = [];
    private readonly List<string> _objects = [];

    private NftTable() { }

    /// <summary>True when it bears our mark, or holds nothing at all.</summary>
    public bool IsOurs { get; private set; }

    /// <summary>Changes with everything in the table that does not change by itself: not with counts, times and handles.</summary>
    public string Fingerprint { get; private set; } = "";

    public IReadOnlyDictionary<string, NftCount> Counters => _counters;

    /// <summary>Comments of the rules of each chain, in order; "" for one without.</summary>
    public IReadOnlyDictionary<string, List<string>> Chains => _chains;

    /// <summary>The chain that each address of each map leads to.</summary>
    public IReadOnlyDictionary<(string Map, IpAddr Address), string> Elements => _elements;

    /// <summary>Reads the answer to <c>list table</c>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="problem">Why it cannot be read; null when it can.</param>
    public static DecodeError Read(ReadOnlyMemory<byte> json, out NftTable table, out string? problem)
    {
        var reading = table = new NftTable();
        var error = ForEach(json, reading.Add, out problem);
        if (error != DecodeError.None)
        {
            table = new NftTable();
            return error;
        }
        table.IsOurs |= table._objects.Count == 0;
        table._objects.Sort(StringComparer.Ordinal);
        table.Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', table._objects))));
        return DecodeError.None;
    }

    /// <summary>Reads the answer to <c>list tables</c>: whether there is one of this name and our family.</summary>
    public static DecodeError Find(ReadOnlyMemory<byte> json, string name, out bool found, out string? problem)
    {
        var seen = false;
        var error = ForEach(json, (kind, thing) => seen |= kind == "table" && Text(thing, "family") == NftHook.Family && Text(thing, "name") == name, out problem);
        found = seen && error == DecodeError.None;
        return error;
    }

    /// <summary>Gives every object of the list, with its kind.</summary>
    private static DecodeError ForEach(ReadOnlyMemory<byte> json, Action<string, JsonElement> take, out string? problem)
    {
        problem = null;
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("nftables", out var list) && list.ValueKind == JsonValueKind.Array)
            {
                foreach (var entry in list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object))
                    foreach (var thing in entry.EnumerateObject().Where(t => t.Value.ValueKind == JsonValueKind.Object)) take(thing.Name, thing.Value);
                return DecodeError.None;
            }
            problem = "there is no list \"nftables\"";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter for escapes that are JSON and no text: half a surrogate pair.
            problem = exception.Message;
        }
        return DecodeError.InvalidValue;
    }

    private void Add(string kind, JsonElement thing)
    {
        if (kind is "metainfo" or "table") return;
        var name = Text(thing, "name");
        if (kind == "counter")
        {
            _counters[name] = new NftCount(Number(thing, "packets"), Number(thing, "bytes"));
            _objects.Add($"counter {name}");
            return;
        }
        if (kind == "set" && name == NftHook.AliveSet)
        {
            IsOurs = true;
            _objects.Add("alive");
            return;
        }
        var order = "";
        if (kind == "chain") _chains.TryAdd(name, []);
        if (kind == "map") AddElements(name, thing);
        if (kind == "rule")
        {
            var chain = Text(thing, "chain");
            if (!_chains.TryGetValue(chain, out var rules)) _chains[chain] = rules = [];
            order = $"{chain} {rules.Count}";
            rules.Add(Text(thing, "comment"));
        }
        _objects.Add($"{kind} {order} {Canonical(thing, kind is "set" or "map")}");
    }

    private void AddElements(string map, JsonElement thing)
    {
        if (!thing.TryGetProperty("elem", out var list) || list.ValueKind != JsonValueKind.Array) return;
        foreach (var element in list.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() != 2) continue;
            var (key, verdict) = (element[0], element[1]);
            if (key.ValueKind == JsonValueKind.Object && key.TryGetProperty("elem", out var timed) && timed.ValueKind == JsonValueKind.Object && timed.TryGetProperty("val", out var value)) key = value;
            if (key.ValueKind == JsonValueKind.String && IpAddr.TryParse(key.GetString(), out var known)
                && verdict.ValueKind == JsonValueKind.Object && verdict.TryGetProperty("jump", out var jump) && jump.ValueKind == JsonValueKind.Object)
            {
                _elements[(map, known)] = Text(jump, "target");
            }
        }
    }

    /// <summary>Without handles and times; elements in an order of their own, for the kernel gives them in none.</summary>
    private static string Canonical(JsonElement thing, bool sorted)
    {
        var text = new StringBuilder();
        Write(thing, text, sorted);
        return text.ToString();
    }

    private static void Write(JsonElement value, StringBuilder text, bool sorted)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var property in value.EnumerateObject())
                {
                    if (property.NameEquals("handle") || property.NameEquals("expires") || property.NameEquals("timeout")) continue;
                    text.Append('"').Append(property.Name).Append("\":");
                    Write(property.Value, text, sorted && property.NameEquals("elem"));
                    text.Append(',');
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                var items = value.EnumerateArray().Select(item => Canonical(item, false));
                text.Append('[').AppendJoin(',', sorted ? items.Order(StringComparer.Ordinal) : items).Append(']');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string Text(JsonElement thing, string name) =>
        thing.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static long Number(JsonElement thing, string name) =>
        thing.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number > 0 ? number : 0;
}
