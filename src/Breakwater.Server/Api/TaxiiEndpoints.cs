using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Sharing;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Taxii;
using Microsoft.AspNetCore.WebUtilities;

namespace Breakwater.Server.Api;

/// <summary>A TAXII 2.1 server with one collection that can only be read: what <c>sharing</c> lets others know.</summary>
/// <remarks>TAXII 2.1 §4 and §5. It is OASIS's API and therefore not in our OpenAPI description. TLS is the proxy's in front of us.</remarks>
internal static class TaxiiEndpoints
{
    public const string PartnerPolicy = "partner";

    /// <summary>Objects on a page at most, and where the client does not say.</summary>
    private const int MaxPage = 1000, DefaultPage = 100;

    private const string Root = "/taxii2/breakwater/";
    private const string CollectionId = "6b5c1b2e-4f0d-4a3a-9c57-2f1d0c8e7a14";
    private const string CollectionAlias = "incidents";
    private const string Title = "Attacks seen";
    private const string Description = "Attacks and infected hosts: indicators, what was observed, and what would have helped.";
    private const int MaxContent = 64 * 1024;

    private static readonly string[] ObjectFields = ["id", "type", "version", "spec_version"];
    private static readonly string[] VersionFields = ["version", "spec_version"];
    private static readonly string[] SpecFields = ["spec_version"];

    /// <summary>True for a request that gets its answer, good or bad, as TAXII.</summary>
    public static bool IsTaxii(HttpRequest request) => request.Path.StartsWithSegments("/taxii2", StringComparison.Ordinal);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var taxii = routes.MapGroup("/taxii2").RequireAuthorization(PartnerPolicy).ExcludeFromDescription();
        var collection = taxii.MapGroup("/breakwater/collections/{collection}");
        Get(taxii, "/", (_, desk) => Answer(json => TaxiiJson.WriteDiscovery(json, Name(desk), desk.Options.Contact, Root)));
        Get(taxii, "/breakwater", (_, desk) => Answer(json => TaxiiJson.WriteRoot(json, Name(desk), MaxContent)));
        Get(taxii, "/breakwater/collections", (_, _) => Answer(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("collections");
            WriteCollection(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
        // Nothing can be added, so no request is ever pending.
        Get(taxii, "/breakwater/status/{status}", (_, _) => Error(StatusCodes.Status404NotFound, "There is no such status."));
        Get(collection, "", (_, _) => Answer(WriteCollection));
        Get(collection, "/objects", (http, desk) => Objects(http, desk, null, ObjectFields, TaxiiJson.WriteEnvelope));
        Get(collection, "/manifest", (http, desk) => Objects(http, desk, null, ObjectFields, TaxiiJson.WriteManifest));
        Get(collection, "/objects/{id}", (http, desk) => Objects(http, desk, (string)http.GetRouteValue("id")!, VersionFields, TaxiiJson.WriteEnvelope));
        Get(collection, "/objects/{id}/versions", (http, desk) => Objects(http, desk, (string)http.GetRouteValue("id")!, SpecFields, TaxiiJson.WriteVersions, allVersions: true));
        collection.MapPost("/objects", () => Error(StatusCodes.Status403Forbidden, "Nobody adds to this collection."));
        collection.MapDelete("/objects/{id}", () => Error(StatusCodes.Status403Forbidden, "Nobody takes from this collection."));
        taxii.MapFallback(() => Error(StatusCodes.Status404NotFound, "There is no such resource."));
    }

    /// <summary>A problem as TAXII tells it.</summary>
    public static IResult Error(int status, string description) => new TaxiiAnswer(json => TaxiiJson.WriteError(json, status, ReasonPhrases.GetReasonPhrase(status), description), status);

    private static void Get(IEndpointRouteBuilder routes, string path, Func<HttpContext, SharingDesk, IResult> answer) => routes.MapGet(path, (HttpContext http) =>
    {
        if (http.RequestServices.GetService<SharingDesk>() is not { Options.Enabled: true } desk) return Error(StatusCodes.Status404NotFound, "Nothing is told to others here (sharing.enabled).");
        if (http.GetRouteValue("collection") is string named && named is not (CollectionId or CollectionAlias)) return Error(StatusCodes.Status404NotFound, "There is no such collection.");
        if (!TaxiiMedia.IsAccepted(http.Request.Headers.Accept.ToString())) return Error(StatusCodes.Status406NotAcceptable, $"Only {TaxiiMedia.Taxii} can be had.");
        try
        {
            return answer(http, desk);
        }
        catch (StoreException)
        {
            return Error(StatusCodes.Status503ServiceUnavailable, "The store is not available.");
        }
    });

    private static IResult Objects(
        HttpContext http, SharingDesk desk, string? id, string[] fields, Action<Utf8JsonWriter, IReadOnlyList<TaxiiObject>, bool> write, bool allVersions = false)
    {
        var parameters = http.Request.Query.Select(p => KeyValuePair.Create(p.Key, p.Value.Select(v => v ?? "").ToArray()));
        if (TaxiiQuery.Read(parameters, fields, out var query) is { } problem) return Error(StatusCodes.Status400BadRequest, problem);
        var clearance = Clearance(http, desk.Options);
        if (id is not null)
        {
            if (!StixId.TryParse(id, out _) || !desk.Objects.Knows(id, clearance)) return Error(StatusCodes.Status404NotFound, "There is no such object.");
            query = query with { Ids = [id], All = query.All || allVersions };
        }
        var (objects, more) = desk.Objects.Find(query, Math.Min(query.Limit ?? DefaultPage, MaxPage), clearance);
        if (objects.Count > 0)
        {
            http.Response.Headers["X-TAXII-Date-Added-First"] = TaxiiJson.Time(objects[0].Added);
            http.Response.Headers["X-TAXII-Date-Added-Last"] = TaxiiJson.Time(objects[^1].Added);
        }
        return Answer(json => write(json, objects, more));
    }

    /// <summary>Who may look at everything here sees everything there, too.</summary>
    private static Tlp Clearance(HttpContext http, SharingOptions options) =>
        options.Recipients.TryGetValue(http.User.Identity?.Name ?? "", out var named) ? named : http.User.IsInRole(nameof(ApiRole.Viewer)) ? Tlp.Red : Tlp.Green;

    private static string Name(SharingDesk desk) => desk.Options.Organisation.Length > 0 ? $"{desk.Options.Organisation}: {Title}" : Title;

    private static void WriteCollection(Utf8JsonWriter json) => TaxiiJson.WriteCollection(json, CollectionId, CollectionAlias, Title, Description);

    private static TaxiiAnswer Answer(Action<Utf8JsonWriter> write) => new(write, StatusCodes.Status200OK);

    private sealed class TaxiiAnswer(Action<Utf8JsonWriter> write, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer)) write(json);
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = TaxiiMedia.Taxii;
            httpContext.Response.ContentLength = buffer.WrittenCount;
            await httpContext.Response.Body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
        }
    }
}
