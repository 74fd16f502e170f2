namespace Breakwater.Core.Behaviour.Names;

/// <summary>Takes a name apart: who registered it, and what they or their customers put in front.</summary>
/// <remarks>
/// Without the Public Suffix List: under a country's top level a few words (<c>co.uk</c>, <c>com.br</c>) are no registration, and under the zones of dynamic DNS
/// services the label below is. Where that guesses wrong, two registrants count as one.
/// </remarks>
public readonly ref struct RegisteredDomain
{
    private static readonly NameSet SecondLevels = new(
        "ac", "co", "com", "ed", "edu", "gen", "go", "gob", "gouv", "gov", "gr", "gv", "id", "in", "info", "kr", "law", "ltd", "me", "mil", "muni", "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch", "web");

    /// <summary>Zones under which anybody gets a name for the asking, and botnets do.</summary>
    private static readonly NameSet DynamicZones = new(
        "3322.org", "8866.org", "chickenkiller.com", "ddns.net", "ddns.org", "duckdns.org", "dyndns.biz", "dyndns.info", "dyndns.org", "dynu.com", "dynu.net", "freeddns.org", "gotdns.com", "hopto.org", "ignorelist.com", "mooo.com", "myftp.org",
        "no-ip.biz", "no-ip.info", "no-ip.org", "noip.me", "serveftp.com", "servehttp.com", "strangled.net", "sytes.net", "us.to", "zapto.org");

    /// <summary>Top levels that are no registrations: reverse lookups, and names that mean something inside a network only.</summary>
    /// <remarks>RFC 6761 §6, RFC 6762 appendix G, RFC 7686, RFC 9476, and ICANN's <c>internal</c>.</remarks>
    private static readonly NameSet Private = new(
        "alt", "arpa", "corp", "domain", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "localhost", "mail", "onion", "private", "test", "workgroup");

    private RegisteredDomain(ReadOnlySpan<byte> name, int start, int labelEnd)
    {
        Domain = name[start..];
        Label = name[start..labelEnd];
        Host = start > 0 ? name[..(start - 1)] : default;
    }

    /// <summary><c>example.co.uk</c> of <c>www.example.co.uk</c>.</summary>
    public ReadOnlySpan<byte> Domain { get; }

    /// <summary><c>example</c>: what the registrant chose.</summary>
    public ReadOnlySpan<byte> Label { get; }

    /// <summary><c>www</c>: what stands before it; empty when nothing does.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <param name="name">Lower case, dots between labels, none at the end.</param>
    /// <param name="domain">The parts, as spans into the name.</param>
    /// <returns>False for a name that nobody registered: a single label, a reverse name, a name for use inside a network, or a public suffix alone.</returns>
    public static bool TryFind(ReadOnlySpan<byte> name, out RegisteredDomain domain)
    {
        domain = default;
        var topDot = name.LastIndexOf((byte)'.');
        if (topDot <= 0 || topDot == name.Length - 1) return false;
        var top = name[(topDot + 1)..];
        if (Private.Contains(top) || IsNumber(top)) return false;
        var end = topDot;
        var start = StartOf(name, end);
        if ((top.Length == 2 && SecondLevels.Contains(name[start..end])) || DynamicZones.Contains(name[start..]))
        {
            if (start == 0) return false;
            end = start - 1;
            start = StartOf(name, end);
        }
        if (start == end) return false;
        domain = new RegisteredDomain(name, start, end);
        return true;
    }

    /// <summary>True for an address written as a name: some resolvers ask for it.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> top) => top.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static int StartOf(ReadOnlySpan<byte> name, int end) => name[..end].LastIndexOf((byte)'.') + 1;
}
