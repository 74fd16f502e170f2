using System.Text.Json;
using System.Text.Json.Nodes;

namespace Breakwater.Tests.Protocols.Nftables;

/// <summary>A table as the kernel keeps it, as far as our transactions use it: refuses what the kernel refuses, and can be listed.</summary>
internal sealed class ModelTable
{
    private bool _exists;
    private readonly Dictionary<string, List<JsonObject>> _chains = [];
    private readonly Dictionary<string, JsonObject> _objects = [];
    private readonly Dictionary<string, Dictionary<string, JsonNode>> _elements = [];

    public bool Exists => _exists;

    /// <summary>Does all commands.</summary>
    /// <exception cref="InvalidOperationException">One that the kernel would refuse.</exception>
    public void Do(byte[] transaction)
    {
        foreach (var command in JsonNode.Parse(transaction)!["nftables"]!.AsArray())
        {
            var (verb, what) = command!.AsObject().Single();
            var (kind, thing) = what!.AsObject().Single();
            Do(verb, kind, thing!.AsObject());
        }
    }

    /// <summary>As <c>nft -j list table</c> says it.</summary>
    public byte[] List()
    {
        Require(_exists, "no such table");
        var all = new JsonArray();
        foreach (var (key, thing) in _objects)
        {
            var copy = thing.DeepClone().AsObject();
            if (_elements.TryGetValue(key, out var elements) && elements.Count > 0) copy["elem"] = new JsonArray([.. elements.Values.Select(e => e.DeepClone())]);
            all.Add(new JsonObject { [key.Split(' ')[0]] = copy });
        }
        foreach (var rule in _chains.Values.SelectMany(r => r)) all.Add(new JsonObject { ["rule"] = rule.DeepClone() });
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["nftables"] = all });
    }

    private void Do(string verb, string kind, JsonObject thing)
    {
        Require(thing["family"]!.GetValue<string>() == "inet", "another family");
        if (kind == "table")
        {
            if (verb == "delete")
            {
                Require(_exists, "no such table");
                _chains.Clear();
                _objects.Clear();
                _elements.Clear();
            }
            _exists = verb == "add";
            return;
        }
        Require(_exists, "no such table");
        var name = (thing["name"] ?? thing["chain"])!.GetValue<string>();
        switch (verb, kind)
        {
            case ("add", "rule"):
                foreach (var target in References(thing["expr"]!)) Require(_objects.ContainsKey(target), $"no {target}");
                Require(_chains.ContainsKey(name), $"no chain {name}");
                _chains[name].Add(thing.DeepClone().AsObject());
                break;
            case ("add", "element"):
                var elements = _elements[Holder(name)];
                foreach (var element in thing["elem"]!.AsArray())
                {
                    foreach (var target in References(element!)) Require(_objects.ContainsKey(target), $"no {target}");
                    Require(elements.TryAdd(Key(element!), element!.DeepClone()), "element exists");
                }
                break;
            case ("delete", "element"):
                foreach (var element in thing["elem"]!.AsArray()) Require(_elements[Holder(name)].Remove(Key(element!)), "no such element");
                break;
            case ("flush", "chain"):
                Require(_chains.TryGetValue(name, out var rules), $"no chain {name}");
                rules!.Clear();
                break;
            case ("flush", "set"):
                _elements[Holder(name)].Clear();
                break;
            case ("add", _):
                Require(_objects.TryAdd($"{kind} {name}", thing.DeepClone().AsObject()), $"{kind} {name} exists");
                if (kind == "chain") _chains[name] = [];
                if (kind is "map" or "set") _elements[$"{kind} {name}"] = [];
                break;
            case ("delete", _):
                Require(_objects.Remove($"{kind} {name}"), $"no {kind} {name}");
                if (kind == "chain") Require(_chains.Remove(name, out var left) && left.Count == 0, "chain not empty");
                Require(!AllReferences().Contains($"{kind} {name}"), $"{kind} {name} is in use");
                _elements.Remove($"{kind} {name}");
                break;
            default:
                throw new InvalidOperationException($"{verb} {kind}");
        }
    }

    private string Holder(string name) => _elements.ContainsKey($"map {name}") ? $"map {name}" : _elements.ContainsKey($"set {name}") ? $"set {name}" : throw new InvalidOperationException($"no set {name}");

    private HashSet<string> AllReferences() =>
        [.. _chains.Values.SelectMany(r => r).SelectMany(r => References(r["expr"]!)), .. _elements.Values.SelectMany(e => e.Values).SelectMany(References)];

    private static string Key(JsonNode element) => element switch
    {
        JsonArray pair => Key(pair[0]!),
        JsonObject timed => timed["elem"]!["val"]!.GetValue<string>(),
        _ => element.GetValue<string>(),
    };

    private static IEnumerable<string> References(JsonNode node)
    {
        if (node is JsonArray list) return list.OfType<JsonNode>().SelectMany(References);
        if (node is not JsonObject thing) return [];
        return thing.SelectMany(property => property switch
        {
            { Key: "target", Value: { } chain } => [$"chain {chain.GetValue<string>()}"],
            { Key: "counter", Value: JsonValue counter } => [$"counter {counter.GetValue<string>()}"],
            { Key: "data", Value: JsonValue map } => [$"map {map.GetValue<string>()[1..]}"],
            { Key: "right", Value: JsonValue set } when set.TryGetValue<string>(out var text) && text.StartsWith('@') => [$"set {text[1..]}"],
            { Value: { } other } => References(other),
            _ => Enumerable.Empty<string>(),
        });
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException(otherwise);
    }
}
