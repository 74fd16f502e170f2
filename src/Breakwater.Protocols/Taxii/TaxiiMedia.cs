using System.Net.Http.Headers;

namespace Breakwater.Protocols.Taxii;

/// <summary>The media types of TAXII 2.1 and STIX 2.1.</summary>
/// <remarks>TAXII 2.1 §1.6.8, §3.1.</remarks>
public static class TaxiiMedia
{
    public const string Taxii = "application/taxii+json;version=2.1";
    public const string Stix = "application/stix+json;version=2.1";

    /// <summary>True when an <c>Accept</c> header takes an answer of TAXII 2.1. Without a version the newest is meant; without a header anything is.</summary>
    public static bool IsAccepted(string accept)
    {
        if (accept.Length == 0) return true;
        foreach (var range in accept.Split(',', 64))
        {
            if (!MediaTypeWithQualityHeaderValue.TryParse(range.Trim(), out var media) || media.Quality == 0) continue;
            if (media.MediaType is "*/*" or "application/*") return true;
            if (!string.Equals(media.MediaType, "application/taxii+json", StringComparison.OrdinalIgnoreCase)) continue;
            var version = media.Parameters.FirstOrDefault(p => p.Name.Equals("version", StringComparison.OrdinalIgnoreCase))?.Value;
            if (version is null || version.Trim('"') == "2.1") return true;
        }
        return false;
    }
}
