using System.Globalization;
using System.Text.Json;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Taxii;

/// <summary>An object of a collection: one version of it, and when it came.</summary>
/// <param name="Id">STIX identifier.</param>
/// <param name="Version">Its <c>modified</c>, else its <c>created</c>, else when it came.</param>
/// <param name="Added">When it came; no two objects of a collection came at the same time.</param>
/// <param name="Document">The object, JSON in UTF-8.</param>
public sealed record TaxiiObject(string Id, string Version, Timestamp Added, byte[] Document);

/// <summary>What a TAXII 2.1 server answers.</summary>
public static class TaxiiJson
{
    /// <summary>With microseconds, as TAXII wants its times (§2).</summary>
    public static string Time(Timestamp time) => time.ToString();

    /// <remarks>§4.1.1.</remarks>
    public static void WriteDiscovery(Utf8JsonWriter json, string title, string contact, string root)
    {
        json.WriteStartObject();
        json.WriteString("title", title);
        json.WriteString("description", "What this organisation tells others of attacks that it sees.");
        if (contact.Length > 0) json.WriteString("contact", contact);
        json.WriteString("default", root);
        json.WriteStartArray("api_roots");
        json.WriteStringValue(root);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <param name="maxContentLength">Octets of a request at most; nothing can be added here, but the field is required.</param>
    /// <remarks>§4.2.1.</remarks>
    public static void WriteRoot(Utf8JsonWriter json, string title, int maxContentLength)
    {
        json.WriteStartObject();
        json.WriteString("title", title);
        json.WriteStartArray("versions");
        json.WriteStringValue(TaxiiMedia.Taxii);
        json.WriteEndArray();
        json.WriteNumber("max_content_length", maxContentLength);
        json.WriteEndObject();
    }

    /// <remarks>§5.2.1. Nobody adds to what we say.</remarks>
    public static void WriteCollection(Utf8JsonWriter json, string id, string alias, string title, string description)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("title", title);
        json.WriteString("description", description);
        json.WriteString("alias", alias);
        json.WriteBoolean("can_read", true);
        json.WriteBoolean("can_write", false);
        json.WriteStartArray("media_types");
        json.WriteStringValue(TaxiiMedia.Stix);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <remarks>§3.7. Without objects it is empty.</remarks>
    public static void WriteEnvelope(Utf8JsonWriter json, IReadOnlyList<TaxiiObject> objects, bool more)
    {
        json.WriteStartObject();
        if (more)
        {
            json.WriteBoolean("more", true);
            json.WriteString("next", TaxiiQuery.Next(objects[^1].Added));
        }
        if (objects.Count > 0)
        {
            json.WriteStartArray("objects");
            foreach (var item in objects) json.WriteRawValue(item.Document, skipInputValidation: true);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <remarks>§5.3.1. It has no <c>next</c>: clients go on with <c>added_after</c>, which loses nothing, for no two objects were added at the same time.</remarks>
    public static void WriteManifest(Utf8JsonWriter json, IReadOnlyList<TaxiiObject> objects, bool more)
    {
        json.WriteStartObject();
        if (more) json.WriteBoolean("more", true);
        if (objects.Count > 0)
        {
            json.WriteStartArray("objects");
            foreach (var item in objects)
            {
                json.WriteStartObject();
                json.WriteString("id", item.Id);
                json.WriteString("date_added", Time(item.Added));
                json.WriteString("version", item.Version);
                json.WriteString("media_type", TaxiiMedia.Stix);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <remarks>§5.8.1.</remarks>
    public static void WriteVersions(Utf8JsonWriter json, IReadOnlyList<TaxiiObject> objects, bool more)
    {
        json.WriteStartObject();
        if (more) json.WriteBoolean("more", true);
        if (objects.Count > 0)
        {
            json.WriteStartArray("versions");
            foreach (var item in objects) json.WriteStringValue(item.Version);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <remarks>§3.6.1: the status is text, and the same as the response's.</remarks>
    public static void WriteError(Utf8JsonWriter json, int status, string title, string description)
    {
        json.WriteStartObject();
        json.WriteString("title", title);
        json.WriteString("description", description);
        json.WriteString("http_status", status.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
