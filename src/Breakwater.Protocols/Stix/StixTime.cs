using System.Globalization;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Stix;

/// <summary>Moments as STIX and TAXII write them.</summary>
public static class StixTime
{
    /// <summary>With milliseconds, as <c>created</c> and <c>modified</c> want it (STIX 2.1 §3.2).</summary>
    public static string Format(Timestamp time) =>
        time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
