using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.SystemTests.Mitigations.Rails;

/// <summary>Every guard rail with what is tried against it. Where a door has no word for something, the row says why, and what the door says instead.</summary>
internal static class RailTable
{
    private const string Udp = "\"protocols\": [17]", UdpTarget = "\"target-protocol\": [17]", FromSource = "\"ietf-dots-call-home:source-prefix\": [\"203.0.113.7/32\"]";

    private const string PersonDecides = "the rail binds what begins by itself, and what a person types is a person's decision; nobody can type in another's name";
    private const string NoList = "a DOTS request is its client's own word about its own prefixes, and nothing in it makes it anybody else's";

    private static readonly ApiCannot ApiIsAPerson =
        new("""{"match": {"destination": "192.0.2.7", "protocols": [17]}, "action": "drop", "origin": "incident"}""", "origin: no such field", PersonDecides);

    private static readonly CliCannot CliIsAPerson = new("add --to 192.0.2.7 --protocol udp --origin incident", "no such option: '--origin'", PersonDecides);

    /// <summary>In the order in which they are tried: those that begin mitigations come last.</summary>
    public static IReadOnlyList<RailAttempts> All { get; } =
    [
        new("rule-sanity")
        {
            Mistake = Edit.Rail("rule_sanity", "false"),
            Wider = null,
            Api =
            [
                Api("192.0.2.7", ""),
                new ApiAsks("""{"match": {"protocols": [17]}, "action": "drop"}"""),
                Api("192.0.2.7", Udp + """, "packetLengths": [{"from": 99971, "to": 99985}]"""),
                Api("192.0.2.7", Udp + """, "sourcePorts": [{"from": 9, "to": 5}]"""),
            ],
            Cli =
            [
                new CliAsks("add --to 192.0.2.7"),
                new CliAsks("add --protocol udp"),
                new CliAsks("add --to 192.0.2.7 --protocol udp --length 99971-99985"),
                new CliAsks("add --to 192.0.2.7 --protocol udp --from-port 9-5"),
            ],
            Dots = [new DotsAsks("dropper", $"{Target("192.0.2.7/32")}, \"target-protocol\": [47], \"target-port-range\": [{{\"lower-port\": 53}}]")],
            Feed = [Feed(new TrafficMatch { Destination = Host(7) }), Feed(Dns(7) with { PacketLengths = [new(99_971, 99_985)] })],
        },
        new("owned-prefixes")
        {
            Mistake = Edit.Rail("owned", "[0.0.0.0/0]"),
            Wider = Edit.Rail("owned", "[192.0.0.0/8, 198.0.0.0/8, 203.0.0.0/8, \"2001:db8::/32\"]"),
            Api = [Api("203.0.113.7", Udp), Api("0.0.0.0/0", Udp), Api("::/0", "", "blackhole")],
            Cli = [new CliAsks("add --to 203.0.113.7 --protocol udp"), new CliAsks("add --to 0.0.0.0/0 --protocol udp"), new CliAsks("add --to ::/0 --action blackhole")],
            Dots = [new DotsAsks("stranger", $"{Target("203.0.113.7/32")}, {UdpTarget}")],
            Feed = [Feed(Dns(7) with { Destination = Prefix.Parse("203.0.113.7/32") })],
        },
        new("requester-scope")
        {
            Mistake = Edit.Rail("requester_scope", "false"),
            Wider = new("action: drop, prefixes: [192.0.2.0/24", "action: drop, prefixes: [203.0.112.0/24, 192.0.2.0/24", "dots.server.clients.dropper.prefixes"),
            Api = [new ApiCannot("""{"match": {"destination": "192.0.2.7", "protocols": [17]}, "action": "drop", "requesterPrefixes": ["0.0.0.0/0"]}""", "requesterPrefixes: no such field", "operators own all that is owned, and are not limited to a part")],
            Cli = [new CliCannot("add --to 192.0.2.7 --protocol udp --requester-prefixes 0.0.0.0/0", "no such option: '--requester-prefixes'", "operators own all that is owned, and are not limited to a part")],
            Dots = [new DotsCannot("dropper", $"{Target("203.0.112.7/32")}, {UdpTarget}", "4.00 203.0.112.7/32 is not within the prefixes of this client", "RFC 9132 §4.4.1.3 has the server itself refuse this, with 4.00, before any policy")],
            Feed = [new FeedAsks(doors => doors.Feed(Dns(7), MitigationAction.Drop, prefixes: [Prefix.Parse("192.0.2.128/25")]))],
        },
        new("max-width")
        {
            Mistake = Edit.Rail("widest_v4", "8"),
            Wider = null,
            Api = [Api("2001:db8::/47", Udp)],
            Cli = [new CliAsks("add --to 2001:db8::/47 --protocol udp")],
            Dots = [new DotsAsks("dropper", $"{Target("2001:db8::/47")}, {UdpTarget}"), new DotsAsks("blackholer", Target("192.0.2.32/31"))],
            Feed = [Feed(Dns(7) with { Destination = Prefix.Parse("2001:db8::/47") }), Feed(new TrafficMatch { Destination = Prefix.Parse("192.0.2.32/31") }, MitigationAction.Blackhole)],
        },
        new("source-blackhole")
        {
            Mistake = Edit.Rail("source_blackholes", "[0.0.0.0/0]"),
            Wider = Edit.Rail("source_blackholes", "true"),
            Api = [Api("192.0.2.7", "\"source\": \"203.0.113.7\"", "blackhole")],
            Cli = [new CliAsks("add --to 192.0.2.7 --from 203.0.113.7 --action blackhole")],
            Dots = [new DotsCannot("blackholer", $"{Target("192.0.2.7/32")}, {FromSource}", "4.03 ", "a client asks for its own targets to be protected: a source that it names never becomes what is announced, be it refused as source or as blackhole")],
            Feed = [Feed(new TrafficMatch { Destination = Host(7), Source = Prefix.Parse("203.0.113.7/32") }, MitigationAction.Blackhole)],
        },
        new("control-plane")
        {
            Mistake = Edit.Rail("control_ports", "[22]", "[-179]"),
            Wider = Edit.Rail("control_ports", "[22]", "[]"),
            Api = [Api("192.0.2.7", "\"protocols\": [6], \"destinationPorts\": [179]"), Api("192.0.2.7", "\"protocols\": [6], \"sourcePorts\": [179]"), Api("192.0.2.7", "\"protocols\": [6], \"destinationPorts\": [22]")],
            Cli = [new CliAsks("add --to 192.0.2.7 --protocol tcp --to-port 179"), new CliAsks("add --to 192.0.2.7 --protocol tcp --from-port 179 --action rate-limit --rate 1M"), new CliAsks("add --to 192.0.2.7 --protocol tcp --to-port 22")],
            Dots = [new DotsAsks("dropper", $"{Target("192.0.2.7/32")}, \"target-protocol\": [6], \"target-port-range\": [{{\"lower-port\": 179}}]"), new DotsAsks("dropper", $"{Target("192.0.2.7/32")}, {FromSource}")],
            Feed = [Feed(new TrafficMatch { Destination = Host(7), Protocols = [6] }), Feed(new TrafficMatch { Destination = Host(7), Protocols = [6], DestinationPorts = [22] })],
        },
        new("divert-target")
        {
            Mistake = new("{next_hop: 192.0.2.200}", "{next_hop: elsewhere}", "mitigation.divert_targets.scrubber.next_hop"),
            Wider = new("divert_targets: {", "divert_targets: {elsewhere: {next_hop: 203.0.113.66}, ", "mitigation.divert_targets.elsewhere"),
            Api = [Api("192.0.2.7", "", "divert\", \"divertTo\": \"elsewhere"), Api("192.0.2.200", "", "divert")],
            Cli = [new CliAsks("add --to 192.0.2.7 --action divert --divert-to elsewhere"), new CliAsks("add --to 192.0.2.200 --action divert")],
            // Where to, a client cannot say: what it can do is ask for the scrubber's own address to be diverted.
            Dots = [new DotsAsks("diverter", Target("192.0.2.200/32"))],
            Feed = [new FeedAsks(doors => doors.Feed(new TrafficMatch { Destination = Host(7) }, MitigationAction.Divert, divertTo: "elsewhere"))],
        },
        new("ttl")
        {
            Mistake = Edit.Rail("max_ttl", "1h", "30d"),
            Wider = Edit.Rail("max_ttl", "1h", "1d"),
            Api = [Api("192.0.2.7", Udp, "drop\", \"lifetimeSeconds\": 86400, \"reason\": \"long"), Api("192.0.2.7", Udp, "drop\", \"lifetimeSeconds\": 0, \"reason\": \"none")],
            Cli = [new CliAsks("add --to 192.0.2.7 --protocol udp --for 1d")],
            Dots =
            [
                new DotsGetsNoMoreThan(TimeSpan.FromHours(1), "dropper", $"{Target("192.0.2.31/32")}, {UdpTarget}", 604_800),
                new DotsGetsNoMoreThan(TimeSpan.FromHours(1), "dropper", $"{Target("192.0.2.32/32")}, {UdpTarget}", -1),
            ],
            Feed = [new FeedAsks(doors => doors.Feed(Dns(7), MitigationAction.Drop, lifetime: TimeSpan.FromDays(1)))],
        },
        new("never-touch")
        {
            Mistake = Edit.Rail("never_touch", "[192.0.2.53/32, \"2001:db8:0:1::/64\"]", "none"),
            Wider = Edit.Rail("never_touch", "[192.0.2.53/32, \"2001:db8:0:1::/64\"]", "[]"),
            Api = [Api("192.0.2.53", "", "blackhole"), Api("192.0.2.0/26", Udp), Api("192.0.2.7", Udp + ", \"source\": \"127.0.0.9\"")],
            Cli = [new CliAsks("add --to 192.0.2.53 --action blackhole"), new CliAsks("add --to 192.0.2.0/26 --protocol udp"), new CliAsks("add --to 192.0.2.7 --from 127.0.0.9 --protocol udp")],
            Dots = [new DotsAsks("dropper", $"{Target("192.0.2.53/32")}, {UdpTarget}"), new DotsAsks("dropper", $"{Target("2001:db8:0:1::9/128")}, {UdpTarget}")],
            Feed = [Feed(Dns(53)), Feed(Dns(7) with { Source = Prefix.Parse("127.0.0.9/32") })],
        },
        new("mode")
        {
            Mistake = new("drop: observe", "drop: always", "host_groups.watched.modes.drop"),
            Wider = new("drop: observe", "drop: automatic", "host_groups.watched.modes.drop"),
            Api = [Api("198.51.100.200", Udp)],
            Cli = [new CliAsks("add --to 198.51.100.200 --protocol udp")],
            Dots = [new DotsWaits("dropper", $"{Target("198.51.100.200/32")}, {UdpTarget}")],
            Feed = [Feed(Dns(7) with { Destination = Prefix.Parse("198.51.100.200/32") })],
        },
        new("paused", doors => doors.Api(HttpMethod.Post, "/withdraw-all?why=drill"))
        {
            Mistake = Edit.Rail("paused", "false"),
            Wider = null,
            Api = [ApiIsAPerson],
            Cli = [CliIsAPerson],
            Dots = [new DotsAsks("dropper", $"{Target("192.0.2.7/32")}, {UdpTarget}")],
            Feed = [Feed(Dns(7))],
        },
        new("feed-alone")
        {
            Mistake = Edit.Rail("feed_alone", "false"),
            Wider = null,
            Api = [ApiIsAPerson],
            Cli = [CliIsAPerson],
            Dots = [DotsCannot.Saying("feed", NoList)],
            Feed = [new FeedAsks(doors => doors.Feed(Dns(7), MitigationAction.Drop, incident: null)), new FeedAsks(doors => doors.Feed(Dns(7), MitigationAction.Drop, incident: "made-up"))],
        },
        new("data-quality")
        {
            Mistake = Edit.Rail("min_sampled_packets", "100", "5"),
            Wider = Edit.Rail("max_loss", "0.5"),
            Api = [ApiIsAPerson],
            Cli = [CliIsAPerson],
            Dots = [DotsCannot.Saying("incident", "a DOTS request stands on what its client sees, and names no incident and no numbers of ours")],
            Feed = [new FeedAsks(doors => doors.DoubtfulFeed(Dns(7), MitigationAction.Drop))],
        },
        new("blackhole-last")
        {
            Mistake = Edit.Rail("blackhole_last", "false"),
            Wider = Edit.Rail("blackhole_first", "true"),
            Api = [ApiIsAPerson],
            Cli = [CliIsAPerson],
            Dots = [new DotsAsks("blackholer", Target("192.0.2.7/32"))],
            Feed = [Feed(new TrafficMatch { Destination = Host(7) }, MitigationAction.Blackhole)],
        },
        new("two-person")
        {
            Mistake = Edit.Rail("two_person_collateral", "0.1", "0.9"),
            Wider = Edit.Rail("two_person_collateral", "0.1", "0.5"),
            Api =
            [
                Api("192.0.2.128/27", "", "blackhole"),
                new ApiCannot("""{"match": {"destination": "192.0.2.128/27"}, "action": "blackhole", "approvers": ["anna", "ben"]}""", "approvers: no such field", "each approves with a token of his own"),
            ],
            Cli = [new CliAsks("add --to 192.0.2.128/27 --action blackhole"), new CliAsks("add --to 192.0.2.128/27 --action divert")],
            Dots = [new DotsWaits("diverter", Target("192.0.2.128/31"))],
            Feed = [Feed(new TrafficMatch { Destination = Prefix.Parse("192.0.2.128/27") }, MitigationAction.Divert)],
        },
        new("hold-down", async doors =>
        {
            var (_, typed) = await doors.Api(HttpMethod.Post, "", """{"match": {"destination": "192.0.2.30", "protocols": [17], "destinationPorts": [123]}, "action": "drop"}""");
            await doors.Api(HttpMethod.Post, $"/{typed.GetProperty("id").GetString()}/withdraw?why=it%20hurts");
        })
        {
            Mistake = Edit.Rail("hold_down", "5m", "0s"),
            Wider = Edit.Rail("hold_down", "5m", "10s"),
            Api = [ApiIsAPerson],
            Cli = [CliIsAPerson],
            Dots = [new DotsAsks("dropper", $"{Target("192.0.2.30/32")}, {UdpTarget}, \"target-port-range\": [{{\"lower-port\": 123}}]")],
            Feed = [Feed(new TrafficMatch { Destination = Host(30), Protocols = [17], DestinationPorts = [123] })],
        },
        new("cap-traffic-share", doors => doors.GetUsedToTraffic("192.0.2.80"))
        {
            Mistake = Edit.Rail("max_traffic_share", "0.2", "1.5"),
            Wider = Edit.Rail("max_traffic_share", "0.2", "1"),
            Api = [Api("192.0.2.80", "", "blackhole")],
            Cli = [new CliAsks("add --to 192.0.2.80 --action divert")],
            Dots = [new DotsAsks("diverter", Target("192.0.2.80/32"))],
            Feed = [Feed(new TrafficMatch { Destination = Host(80) }, MitigationAction.Divert)],
        },
        new("cap-address-share", doors => doors.TypeUntilHeldBackBy("cap-address-share", number => $"192.0.2.{90 + number}", "blackhole"))
        {
            Mistake = Edit.Rail("max_address_share", "0.004", "2"),
            Wider = Edit.Rail("max_address_share", "0.004", "1"),
            Api = [Api("192.0.2.89", "", "blackhole")],
            Cli = [new CliAsks("add --to 192.0.2.89 --action blackhole")],
            Dots = [new DotsAsks("diverter", Target("192.0.2.89/32"))],
            Feed = [Feed(new TrafficMatch { Destination = Host(89) }, MitigationAction.Divert)],
        },
        new("cap-host-group", doors => doors.TypeUntilHeldBackBy("cap-host-group", number => $"198.51.100.{number}"))
        {
            Mistake = Edit.Rail("max_per_host_group", "3", "0"),
            Wider = Edit.Rail("max_per_host_group", "3", "100"),
            Api = [Api("198.51.100.99", Udp)],
            Cli = [new CliAsks("add --to 198.51.100.99 --protocol udp")],
            Dots = [new DotsAsks("dropper", $"{Target("198.51.100.99/32")}, {UdpTarget}")],
            Feed = [Feed(Dns(7) with { Destination = Prefix.Parse("198.51.100.99/32") })],
        },
        new("cap-concurrent", doors => doors.TypeUntilHeldBackBy("cap-concurrent", number => number % 2 == 0 ? $"198.51.100.{number}" : $"192.0.2.{number}"))
        {
            Mistake = Edit.Rail("max_concurrent", "5", "0"),
            Wider = Edit.Rail("max_concurrent", "5", "100"),
            Api = [Api("192.0.2.99", Udp)],
            Cli = [new CliAsks("add --to 192.0.2.99 --protocol udp")],
            Dots = [new DotsAsks("dropper", $"{Target("192.0.2.99/32")}, {UdpTarget}")],
            Feed = [Feed(Dns(99))],
        },
        new("cap-new-per-minute", doors => doors.TypeUntilHeldBackBy("cap-new-per-minute", number => $"192.0.2.{100 + number}", keep: false))
        {
            Mistake = Edit.Rail("max_new_per_minute", "40", "0"),
            Wider = Edit.Rail("max_new_per_minute", "40", "1000"),
            Api = [Api("192.0.2.99", Udp)],
            Cli = [new CliAsks("add --to 192.0.2.99 --protocol udp")],
            Dots = [new DotsAsks("dropper", $"{Target("192.0.2.99/32")}, {UdpTarget}")],
            Feed = [Feed(Dns(99))],
        },
    ];

    private static ApiAsks Api(string destination, string more, string action = "drop") =>
        new($$"""{"match": {"destination": "{{destination}}"{{(more.Length > 0 ? ", " + more : "")}}}, "action": "{{action}}"}""");

    private static string Target(string prefix) => $"\"target-prefix\": [\"{prefix}\"]";

    private static FeedAsks Feed(TrafficMatch match, MitigationAction action = MitigationAction.Drop) => new(doors => doors.Feed(match, action));

    private static Prefix Host(int host) => Prefix.Parse($"192.0.2.{host}/32");

    private static TrafficMatch Dns(int host) => new() { Destination = Host(host), Protocols = [17], SourcePorts = [53] };
}
