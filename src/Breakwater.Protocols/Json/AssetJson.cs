using System.Text.Json;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;

namespace Breakwater.Protocols.Json;

/// <summary>A host and what it said about itself, as JSON.</summary>
public static class AssetJson
{
    public static void Write(Utf8JsonWriter json, Asset asset)
    {
        json.WriteStartObject();
        json.WriteString("host", asset.Host.ToString());
        json.WriteObjects("facts", asset.Facts, fact =>
        {
            json.WriteString("kind", FactNames.NameOf(fact.Kind));
            json.WriteString("value", fact.Value);
            json.WriteString("firstSeen", Rfc3339.Format(fact.FirstSeen));
            json.WriteString("lastSeen", Rfc3339.Format(fact.LastSeen));
        });
        json.WriteEndObject();
    }
}
