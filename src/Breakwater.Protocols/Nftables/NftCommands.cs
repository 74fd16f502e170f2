using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Nftables;

/// <summary>Writes commands on one table, in the order in which they are to be done.</summary>
internal sealed class NftCommands : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Utf8JsonWriter _json;
    private readonly string _table;

    public NftCommands(string table)
    {
        _table = table;
        _json = new Utf8JsonWriter(_bytes);
        _json.WriteStartObject();
        _json.WriteStartArray("nftables");
    }

    public byte[] End()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        return _bytes.WrittenSpan.ToArray();
    }

    public void Dispose() => _json.Dispose();

    public void Table(string verb)
    {
        _json.WriteStartObject();
        _json.WriteStartObject(verb);
        _json.WriteStartObject("table");
        _json.WriteString("family", NftHook.Family);
        _json.WriteString("name", _table);
        Close();
    }

    /// <summary>A thing that a name says all about.</summary>
    public void Object(string verb, string kind, string name)
    {
        Open(verb, kind, name);
        Close();
    }

    public void Flush(string kind, string name) => Object("flush", kind, name);

    public void BaseChain(string name, NftHook hook, string? device)
    {
        Open("add", "chain", name);
        _json.WriteString("type", "filter");
        _json.WriteString("hook", hook.Point == NftHookPoint.Ingress ? "ingress" : "prerouting");
        _json.WriteNumber("prio", hook.Priority);
        if (device is not null) _json.WriteString("dev", device);
        _json.WriteString("policy", "accept");
        Close();
    }

    public void Rules(string chain, IReadOnlyList<(string Comment, string Expressions)> rules)
    {
        foreach (var (comment, expressions) in rules)
        {
            _json.WriteStartObject();
            _json.WriteStartObject("add");
            _json.WriteStartObject("rule");
            _json.WriteString("family", NftHook.Family);
            _json.WriteString("table", _table);
            _json.WriteString("chain", chain);
            _json.WriteString("comment", comment);
            _json.WritePropertyName("expr");
            _json.WriteRawValue(expressions);
            Close();
        }
    }

    public void Map(NftTarget target)
    {
        Open("add", "map", target.Map);
        _json.WriteString("type", target.Prefix.IsV4 ? "ipv4_addr" : "ipv6_addr");
        _json.WriteString("map", "verdict");
        if (!target.IsLeased) Flags("timeout");
        Close();
    }

    public void Counter(string name, NftCount from)
    {
        Open("add", "counter", name);
        _json.WriteNumber("packets", from.Packets);
        _json.WriteNumber("bytes", from.Bytes);
        Close();
    }

    public void AliveSet()
    {
        Open("add", "set", NftHook.AliveSet);
        _json.WriteString("type", "nf_proto");
        Flags("timeout");
        Close();
    }

    public void Alive(TimeSpan lease)
    {
        Open("add", "element", NftHook.AliveSet);
        _json.WriteStartArray("elem");
        foreach (var family in (ReadOnlySpan<string>)["ipv4", "ipv6"]) Timed(family, lease);
        _json.WriteEndArray();
        Close();
    }

    public void Element(NftTarget target, NftChain chain, Timestamp now)
    {
        Open("add", "element", target.Map);
        _json.WriteStartArray("elem");
        _json.WriteStartArray();
        if (chain.Until is { } until) Timed(target.Prefix.Address.ToString(), until - now);
        else _json.WriteStringValue(target.Prefix.Address.ToString());
        _json.WriteStartObject();
        _json.WriteStartObject("jump");
        _json.WriteString("target", target.Chain);
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndArray();
        _json.WriteEndArray();
        Close();
    }

    public void DeleteElement(NftTarget target)
    {
        Open("delete", "element", target.Map);
        _json.WriteStartArray("elem");
        _json.WriteStringValue(target.Prefix.Address.ToString());
        _json.WriteEndArray();
        Close();
    }

    /// <summary>A value that goes by itself after a while, in whole seconds.</summary>
    private void Timed(string value, TimeSpan time)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("elem");
        _json.WriteString("val", value);
        _json.WriteNumber("timeout", (long)Math.Max(1, Math.Ceiling(time.TotalSeconds)));
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Flags(string flag)
    {
        _json.WriteStartArray("flags");
        _json.WriteStringValue(flag);
        _json.WriteEndArray();
    }

    private void Open(string verb, string kind, string name)
    {
        _json.WriteStartObject();
        _json.WriteStartObject(verb);
        _json.WriteStartObject(kind);
        _json.WriteString("family", NftHook.Family);
        _json.WriteString("table", _table);
        _json.WriteString("name", name);
    }

    private void Close()
    {
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndObject();
    }
}
