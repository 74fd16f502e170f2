using System.Text.Json;
using System.Text.Json.Serialization;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Analysis.Bench;

/// <summary>What is known of a capture, out of the <c>expect.json</c> beside it.</summary>
public sealed record LabelledCapture
{
    /// <summary>Hosts "*" stands for any.</summary>
    private const string Anybody = "*";

    /// <summary>A prefix names a host when it is about as narrow as a subnet.</summary>
    private const int NarrowV4 = 24, NarrowV6 = 120;

    public string File { get; set; } = "";

    /// <summary>Nothing happens in it that anybody should be told of.</summary>
    public bool Benign { get; set; }

    /// <summary><c>must</c> or <c>stretch</c>.</summary>
    public string Tier { get; set; } = "";
    public string Category { get; set; } = "";

    /// <summary>Kinds of incident, any of which is right.</summary>
    public IReadOnlyList<string> Kinds { get; set; } = [];

    /// <summary>Addresses, any of which is right.</summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];

    /// <summary>Parts of names of vectors, one of which has to be said; empty: none.</summary>
    public IReadOnlyList<string> Vectors { get; set; } = [];

    /// <summary>Reads the labels of a folder, by name of the file.</summary>
    /// <exception cref="InvalidDataException">There is no <c>expect.json</c>, or it cannot be read; the message says what is wrong.</exception>
    public static IReadOnlyList<LabelledCapture> ReadAll(string folder)
    {
        var path = Path.Combine(folder, "expect.json");
        try
        {
            var labels = JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(path), LabelJson.Default.DictionaryStringLabelledCapture) ?? [];
            return [.. labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => l.Value with { File = l.Key })];
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path}: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>True for an incident that says what happened, to or by one of those it happened to.</summary>
    public bool IsRight(Incident incident) => Kinds.Contains(incident.Kind.Name()) && Concerns(incident)
        && (Vectors.Count == 0 || incident.Vectors.Any(v => Vectors.Any(part => v.Contains(part, StringComparison.Ordinal))));

    /// <summary>True for an incident about one of the hosts that something is known of.</summary>
    public bool Concerns(Incident incident) =>
        (incident.Host is { } host && Names(new Prefix(host, host.Bits))) || (incident.Target is { } target && Names(target)) || incident.Sources.Any(s => Names(new Prefix(s, s.Bits)));

    /// <summary>True for a host that something is known of.</summary>
    public bool Names(in Prefix prefix)
    {
        foreach (var known in Hosts)
            if (known == Anybody || (IpAddr.TryParse(known, out var address) && prefix.Contains(address) && prefix.Length >= (address.IsV4 ? NarrowV4 : NarrowV6))) return true;
        return false;
    }
}

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(Dictionary<string, LabelledCapture>))]
internal sealed partial class LabelJson : JsonSerializerContext;
