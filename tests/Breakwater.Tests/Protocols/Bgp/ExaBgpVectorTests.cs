using System.Globalization;
using System.Text.Json;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Tests.Protocols.Bgp;

/// <summary>Messages of ExaBGP's own tests, with the JSON that it makes of them.</summary>
public class ExaBgpVectorTests
{
    private static readonly UpdateContext Session = new(FourOctetAs: true, Internal: true);

    /// <summary>ExaBGP writes all 16 octets behind an offset (RFC 8956 §3.1 wants only those that are matched), and an IPv4 next hop for IPv6 (against RFC 2545 §3).</summary>
    private static readonly string[] AgainstTheStandard = ["028078000000000000000000000000000000010381110B81650D9107DD", "800E1A00020104AAAAAAAA0080DEADBEEF"];

    [SharedDataFact("vectors/bgp")]
    public void Reads_and_writes_every_message_of_its_encoding_tests()
    {
        var messages = 0;
        foreach (var (hex, json) in Messages("encoding", "*.ci").Concat(Messages("api", "*.ci")))
        {
            messages++;
            var message = Convert.FromHexString(hex);
            Assert.Equal(BgpFrameStatus.Complete, BgpFraming.Read(message, extended: false, out var type, out var length, out _));
            Assert.Equal(message.Length, length);
            var body = message.AsSpan(BgpFraming.HeaderLength);
            switch (type)
            {
                case BgpMessageType.Open:
                    Assert.Null(BgpOpen.Decode(body, out var open));
                    Assert.Equal(CapabilitiesOf(body), string.Concat(open.Capabilities.Select(c => CapabilitiesOf((open with { Capabilities = [c] }).Encode().AsSpan(BgpFraming.HeaderLength)))));
                    break;
                case BgpMessageType.Notification:
                    Assert.Equal(hex, Convert.ToHexString(BgpNotification.Decode(body).Encode()));
                    break;
                default:
                    var decoded = UpdateDecoder.Decode(body, Session);
                    if (AgainstTheStandard.Any(hex.Contains)) Assert.True(decoded.Reaction >= UpdateReaction.TreatAsWithdraw);
                    else CheckUpdate(hex, json, decoded);
                    break;
            }
        }
        Assert.True(messages > 100, $"only {messages} messages found");
    }

    [SharedDataTheory("vectors/bgp")]
    [InlineData("bgp-flow-1")]
    [InlineData("bgp-flow-2")]
    [InlineData("bgp-flow-3")]
    [InlineData("ipv4-unicast-1")]
    [InlineData("vpnv4-extended-nexthop-1")]
    public void Reads_its_decoding_tests_to_the_same_routes(string name)
    {
        var lines = File.ReadAllLines(SharedData.Path("vectors", "bgp", "exabgp", "decoding", name));
        var hex = lines[1].Replace(":", "", StringComparison.Ordinal);
        CheckUpdate(hex, lines[2], UpdateDecoder.Decode(Convert.FromHexString(hex).AsSpan(BgpFraming.HeaderLength), Session));
    }

    [SharedDataFact("vectors/bgp")]
    public void Reads_the_open_with_a_software_version_that_nobody_else_sends()
    {
        var lines = File.ReadAllLines(SharedData.Path("vectors", "bgp", "exabgp", "decoding", "bgp-open-sofware-version"));
        Assert.Null(BgpOpen.Decode(Convert.FromHexString(lines[1]).AsSpan(BgpFraming.HeaderLength), out var open));
        Assert.Equal((65533u, 180, 0x0A000002u), (open.As, open.HoldTime, open.Identifier));
        Assert.Equal(BgpFamily.Ipv4Unicast, Assert.Single(open.Families));
        var version = Assert.IsType<OtherCapability>(open.Capabilities[^1]);
        Assert.Equal(75, version.Code);
        Assert.Equal("ExaBGP/main-c2a2ea8ebd-20240715", System.Text.Encoding.ASCII.GetString(version.Value.Span[1..]));
    }

    private static void CheckUpdate(string hex, string? json, DecodedUpdate decoded)
    {
        Assert.True(decoded.Reaction == UpdateReaction.None, $"{decoded.Problem} in {hex}");
        Assert.Equal(Attributes(hex), Attributes(Convert.ToHexString(new UpdateEncoder(Session).Encode(decoded.Update))));
        if (json is null) return;
        var update = JsonDocument.Parse(json).RootElement.GetProperty("neighbor").GetProperty("message").GetProperty("update");
        if (update.TryGetProperty("attribute", out var attribute)) CheckAttributes(attribute, decoded.Update.Attributes);
        if (update.TryGetProperty("announce", out var announce))
        {
            var routes = decoded.Update.Announced.Concat(decoded.Update.Reach?.Routes ?? []);
            CheckRoutes(announce.EnumerateObject().Where(f => Understood(f.Name)).SelectMany(f => f.Value.EnumerateObject().SelectMany(n => n.Value.EnumerateArray().Select(r => (f.Name, r)))), routes);
        }
        if (update.TryGetProperty("withdraw", out var withdraw))
        {
            var routes = decoded.Update.Withdrawn.Concat(decoded.Update.Unreach?.Routes ?? []);
            CheckRoutes(withdraw.EnumerateObject().Where(f => Understood(f.Name)).SelectMany(f => f.Value.EnumerateArray().Select(r => (f.Name, r))), routes);
        }
    }

    private static bool Understood(string family) => family.Contains("unicast", StringComparison.Ordinal) || family.Contains("flow", StringComparison.Ordinal);

    private static void CheckRoutes(IEnumerable<(string Family, JsonElement Route)> expected, IEnumerable<BgpNlri> routes)
    {
        var wanted = expected.Select(r => r.Family.Contains("flow", StringComparison.Ordinal) ? r.Route.GetProperty("string").GetString()! : r.Route.GetProperty("nlri").GetString()!).ToArray();
        if (wanted.Length > 0) Assert.Equal(wanted, routes.Select(r => r.Rule is { } rule ? ExaBgpText.Of(rule) : r.ToString()));
    }

    private static void CheckAttributes(JsonElement expected, PathAttributes attributes)
    {
        foreach (var attribute in expected.EnumerateObject())
        {
            var value = attribute.Value;
            switch (attribute.Name)
            {
                case "origin": Assert.Equal(value.GetString(), attributes.Origin!.ToString()!.ToLowerInvariant()); break;
                case "med": Assert.Equal(value.GetUInt32(), attributes.MultiExitDiscriminator); break;
                case "local-preference": Assert.Equal(value.GetUInt32(), attributes.LocalPreference); break;
                case "community": Assert.Equal(value.EnumerateArray().Select(c => $"{c[0]}:{c[1]}"), attributes.Communities.Select(c => c.ToString())); break;
                case "large-community": Assert.Equal(value.EnumerateArray().Select(c => $"{c[0]}:{c[1]}:{c[2]}"), attributes.LargeCommunities.Select(c => c.ToString())); break;
                case "extended-community": Assert.Equal(value.EnumerateArray().Select(c => c.GetProperty("value").GetUInt64()), attributes.ExtendedCommunities.Select(c => c.Value)); break;
                case "originator-id": Assert.Equal(Breakwater.Core.Net.IpAddr.Parse(value.GetString()!).V4Bits, attributes.OriginatorId); break;
                case "as-path": Assert.Equal(value.GetProperty("0").GetProperty("value").EnumerateArray().Select(n => n.GetUInt32()), attributes.AsPath![0].Numbers); break;
            }
        }
    }

    /// <summary>Withdrawn routes, the attributes in order of type with their lengths in one form, and announced routes: what the order of attributes does not change.</summary>
    private static string Attributes(string hex)
    {
        var body = Convert.FromHexString(hex).AsSpan(BgpFraming.HeaderLength);
        var withdrawn = body[0] << 8 | body[1];
        var attributes = body[(2 + withdrawn)..];
        var length = attributes[0] << 8 | attributes[1];
        var found = new List<string>();
        for (var at = 2; at < 2 + length;)
        {
            var extended = (attributes[at] & 0x10) != 0;
            var size = extended ? attributes[at + 2] << 8 | attributes[at + 3] : attributes[at + 2];
            var start = at + (extended ? 4 : 3);
            found.Add($"{attributes[at + 1]:X2}/{attributes[at] & 0xE0:X2}/{Convert.ToHexString(attributes.Slice(start, size))}");
            at = start + size;
        }
        return $"{Convert.ToHexString(body[2..(2 + withdrawn)])} {string.Join(' ', found.Order(StringComparer.Ordinal))} {Convert.ToHexString(attributes[(2 + length)..])}";
    }

    /// <summary>The capabilities' octets, however they are spread over optional parameters.</summary>
    private static string CapabilitiesOf(ReadOnlySpan<byte> body)
    {
        var found = "";
        for (var at = 10; at < body.Length; at += 2 + body[at + 1]) found += Convert.ToHexString(body.Slice(at + 2, body[at + 1]));
        return found;
    }

    private static IEnumerable<(string Hex, string? Json)> Messages(string folder, string pattern)
    {
        foreach (var file in Directory.EnumerateFiles(SharedData.Path("vectors", "bgp", "exabgp", folder), pattern).Order(StringComparer.Ordinal))
        {
            string? hex = null;
            string? json = null;
            foreach (var line in File.ReadLines(file))
            {
                var parts = line.Split(':', 3);
                if (line.StartsWith('#') || parts.Length < 3) continue;
                if (parts[1] == "raw")
                {
                    if (hex is not null) yield return (hex, json);
                    (hex, json) = (parts[2].Replace(":", "", StringComparison.Ordinal).Trim(), null);
                }
                if (parts[1] is "json" or "jsv6") json = parts[2];
            }
            if (hex is not null) yield return (hex, json);
        }
    }
}

/// <summary>Flow specifications in ExaBGP's words.</summary>
internal static class ExaBgpText
{
    private static readonly string[] TcpFlags = ["fin", "syn", "rst", "push", "ack", "urgent", "ece", "cwr"];
    private static readonly string[] Fragments = ["dont-fragment", "is-fragment", "first-fragment", "last-fragment"];

    public static string Of(FlowSpecRule rule)
    {
        var six = rule.Family.Afi == 2;
        var text = "flow";
        foreach (var component in rule.Components)
        {
            text += component switch
            {
                FlowSpecPrefix prefix => $" {(prefix.Type == FlowSpecComponentType.DestinationPrefix ? "destination" : "source")}-ipv{(six ? 6 : 4)} {prefix.Prefix}{(six ? $"/{prefix.Offset}" : "")}",
                FlowSpecValues values => $" {Name(values.Type, six)} {List(values)}",
                _ => "",
            };
        }
        if (rule.RouteDistinguisher != 0) text += $" rd {(rule.RouteDistinguisher >> 32) & 0xFFFF}:{(uint)rule.RouteDistinguisher}";
        return text;
    }

    private static string Name(FlowSpecComponentType type, bool six) => type switch
    {
        FlowSpecComponentType.Protocol => six ? "next-header" : "protocol",
        FlowSpecComponentType.Dscp => six ? "traffic-class" : "dscp",
        FlowSpecComponentType.Port => "port",
        FlowSpecComponentType.DestinationPort => "destination-port",
        FlowSpecComponentType.SourcePort => "source-port",
        FlowSpecComponentType.PacketLength => "packet-length",
        FlowSpecComponentType.FlowLabel => "flow-label",
        FlowSpecComponentType.TcpFlags => "tcp-flags",
        FlowSpecComponentType.Fragment => "fragment",
        _ => type.ToString(),
    };

    private static string List(FlowSpecValues values)
    {
        var items = new List<string>();
        foreach (var term in values.Terms)
        {
            var text = Term(values.Type, term);
            if (term.And) items[^1] += $"&{text}";
            else items.Add(text);
        }
        return items.Count == 1 ? items[0] : $"[ {string.Join(' ', items)} ]";
    }

    private static string Term(FlowSpecComponentType type, FlowSpecTerm term)
    {
        if (type is not (FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment))
        {
            var comparison = (term.Operator & 7) switch { 1 => "=", 2 => ">", 3 => ">=", 4 => "<", 5 => "<=", 6 => "!=", _ => "?" };
            return comparison + (type == FlowSpecComponentType.Protocol ? term.Value switch { 6 => "tcp", 17 => "udp", var other => Number(other) } : Number(term.Value));
        }
        var names = type == FlowSpecComponentType.TcpFlags ? TcpFlags : Fragments;
        var set = string.Join('+', names.Where((_, bit) => (term.Value >> bit & 1) != 0));
        return (term.Operator & 3) switch { 0 => set, 1 => "=" + set, 2 => "!" + set, _ => "!=" + set };
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
