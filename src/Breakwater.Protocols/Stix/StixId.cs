using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Breakwater.Protocols.Json;

namespace Breakwater.Protocols.Stix;

/// <summary>Identifiers that come out the same each time.</summary>
/// <remarks>STIX 2.1 §2.9; UUIDv5 is RFC 9562 §5.5: a hash of a namespace and a name.</remarks>
public static class StixId
{
    /// <summary>The namespace of cyber-observable objects, STIX 2.1 §2.9; for nothing else.</summary>
    private static readonly Guid Observables = Guid.Parse("00abedb4-aa42-466c-9c01-fed23315a9b7");

    /// <summary>UUIDv5 of a name in a namespace.</summary>
    public static Guid Uuid5(Guid space, ReadOnlySpan<byte> name)
    {
        var hashed = new byte[16 + name.Length];
        space.TryWriteBytes(hashed, bigEndian: true, out _);
        name.CopyTo(hashed.AsSpan(16));
        Span<byte> bytes = stackalloc byte[20];
        SHA1.HashData(hashed, bytes);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x50);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes[..16], bigEndian: true);
    }

    /// <summary>Identifier of an object of ours, by what makes it different from all others.</summary>
    /// <param name="type">Such as <c>indicator</c>.</param>
    /// <param name="space">A namespace of our own.</param>
    /// <param name="name">What it is.</param>
    public static string Of(string type, Guid space, string name) => $"{type}--{Uuid5(space, Encoding.UTF8.GetBytes($"{type}|{name}"))}";

    /// <summary>Identifier of a cyber-observable object, the same whoever makes it.</summary>
    /// <param name="type">Such as <c>ipv4-addr</c>.</param>
    /// <param name="contributing">Its ID contributing properties: text, whole numbers and lists of these.</param>
    public static string OfObservable(string type, JsonObject contributing)
    {
        // RFC 8785: members sorted by UTF-16 code units, no white space.
        var sorted = new JsonObject(contributing.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        return $"{type}--{Uuid5(Observables, PlainJson.Write(sorted))}";
    }

    /// <summary>True for <c>type--UUID</c>, and then its type.</summary>
    public static bool TryParse(string text, out string type)
    {
        var at = text.IndexOf("--", StringComparison.Ordinal);
        type = at > 0 ? text[..at] : "";
        return at > 0 && text.Length == at + 38 && Guid.TryParseExact(text[(at + 2)..], "D", out _) && type.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
    }
}
