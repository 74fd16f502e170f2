using System.ComponentModel;
using Breakwater.Core.Net;
using Breakwater.Engine.Detection;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Hosts of ours, by what they said about themselves.</summary>
internal static class AssetEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/assets", List).WithTags("Assets").WithName("listAssets").WithSummary("Hosts of ours and what they said about themselves, by address")
            .WithDescription("Names, vendor classes and fingerprints by DHCP, names and services by multicast DNS and SSDP, JA4 fingerprints of TLS clients, HTTP user agents. Heard in packets, not in flow records; nobody has checked them.")
            .Produces<Shapes.AssetList>().ProducesValidationProblem();

    private static IResult List(
        HttpRequest request, IEnumerable<IAssetSource> sources,
        [Description("Only hosts in this address or prefix.")] string? host,
        [Description("Hosts on the page, 1 to 500; 50 when not given.")] string? limit,
        [Description("'next' of the page before.")] string? cursor)
    {
        var errors = new QueryErrors(request, "host", "limit", "cursor");
        var within = errors.Prefix("host", host);
        var count = errors.Number("limit", limit, 1, MaxLimit) ?? DefaultLimit;
        IpAddr? after = null;
        if (cursor is not null)
        {
            if (IpAddr.TryParse(cursor, out var address)) after = address;
            else errors.Add("cursor", "is not a cursor that this API gave");
        }
        if (errors.Answer is { } answer) return answer;
        // One more than asked tells whether there is a next page.
        var found = sources.SelectMany(s => s.FindAssets(within, after, count + 1)).OrderBy(a => a.Host).Take(count + 1).ToArray();
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteList("assets", found.Take(count), AssetJson.Write);
            json.WriteString("next", found.Length > count ? found[count - 1].Host.ToString() : null);
            json.WriteEndObject();
        });
    }
}
