using System.Text.Json;

namespace Breakwater.SystemTests.Support;

/// <summary>An incident as somebody outside sees it: JSON from the API or from <c>analyze --json</c>.</summary>
internal sealed class IncidentView(JsonElement json)
{
    public string Id => Text("id");
    public string Kind => Text("kind");
    public string Severity => Text("severity");
    public string State => Text("state");

    /// <summary>Address or prefix; empty where there is none. A host prefix is shown without its length.</summary>
    public string Target => json.GetProperty("target").GetString() ?? "";

    public string[] Vectors => [.. json.GetProperty("vectors").EnumerateArray().Select(v => v.GetString()!)];
    public double RelativeError => json.GetProperty("relativeError").GetDouble();
    public long SampledPackets => json.GetProperty("sampledPackets").GetInt64();
    public long Packets => json.GetProperty("packets").GetInt64();

    /// <summary>Medium or worse: what somebody is woken for.</summary>
    public bool IsAlert => Severity is "medium" or "high" or "critical";

    public override string ToString() =>
        $"{Id} {Kind} {Severity} {State} target {Target} vectors {string.Join('+', Vectors)} packets {Packets} (seen {SampledPackets}, ±{RelativeError:P0})";

    private string Text(string name) => json.GetProperty(name).GetString()!;
}
