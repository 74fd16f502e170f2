using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Spoofing;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Spoofing;

public class SourceAuditTests
{
    private static readonly Timestamp Noon = Timestamp.FromUnixSeconds(1_700_000_000);
    private static readonly HomeNetwork Home = new([Prefix.Parse("192.0.2.0/24"), Prefix.Parse("2001:db8::/32")], []);

    private readonly SourceAuditOptions _options = new()
    {
        Interfaces =
        {
            ["customer"] = new AuditedInterface { Exporter = IpAddr.Parse("203.0.113.1"), Index = 3, Allowed = [Prefix.Parse("198.51.100.0/24")] },
            ["transit"] = new AuditedInterface { Exporter = IpAddr.Parse("203.0.113.1"), Index = 1, Side = InterfaceSide.Uplink },
            ["inside"] = new AuditedInterface { Index = 9 },
        },
    };
    private readonly RoutedSpaceBoard _routed = new();
    private readonly CollectedSigns _signs = new();

    [Theory]
    [InlineData("198.51.100.7", 3u, null)] // the customer's own
    [InlineData("192.0.2.7", 3u, SignNames.ForeignSource)] // ours, but not the customer's
    [InlineData("203.0.113.9", 3u, SignNames.ForeignSource)]
    [InlineData("240.0.0.1", 3u, SignNames.BogonSource)]
    [InlineData("10.0.0.9", 3u, SignNames.PrivateSource)]
    [InlineData("169.254.7.7", 3u, null)]
    [InlineData("fe80::1", 3u, null)]
    [InlineData("192.0.2.7", 1u, SignNames.OwnSourceFromOutside)]
    [InlineData("203.0.113.9", 1u, null)]
    [InlineData("192.0.2.7", 9u, null)]
    [InlineData("2001:db8::7", 9u, null)]
    [InlineData("2001:db9::7", 9u, SignNames.ForeignSource)]
    [InlineData("203.0.113.9", 4u, null)] // nobody audits it
    public void A_source_is_judged_by_what_may_come_in_by_its_interface(string source, uint at, string? sign)
    {
        var audit = New();
        audit.Watch([FlowOf(source, at, 200)], Exporters.Known);
        audit.Tick(Noon, _signs);
        string[] expected = sign is null ? [] : [sign];
        Assert.Equal(expected, _signs.All.Select(s => s.Name));
        Assert.All(_signs.All, s => Assert.Equal(IncidentKind.Spoofing, s.Direct!.Kind));
    }

    [Theory]
    [InlineData("203.0.113.9", 3u, SignNames.UnroutedSource)]
    [InlineData("100.0.0.9", 3u, SignNames.ForeignSource)] // somebody routes it
    [InlineData("240.0.0.1", 3u, SignNames.BogonSource)]
    [InlineData("198.51.100.7", 3u, null)] // the customer's, whether routed or not
    [InlineData("203.0.113.9", 1u, null)] // of transit nothing is said
    [InlineData("2001:db9::7", 9u, SignNames.ForeignSource)] // no table of IPv6 is known
    public void With_a_table_of_routes_it_is_told_apart_what_nobody_routes(string source, uint at, string? sign)
    {
        // From 1/8 to 119/8.
        _routed.Current = new RoutedSpace(Enumerable.Range(1, 119).Select(i => new Prefix(IpAddr.V4((uint)i << 24), 8)));
        var audit = New();
        audit.Watch([FlowOf(source, at, 200)], Exporters.Known);
        audit.Tick(Noon, _signs);
        string[] expected = sign is null ? [] : [sign];
        Assert.Equal(expected, _signs.All.Select(s => s.Name));
    }

    [Fact]
    public void The_finding_is_about_whom_the_interface_belongs_to_and_lists_the_sources()
    {
        var audit = New();
        for (var i = 0; i < 40; i++) audit.Watch([FlowOf($"203.0.113.{i}", 3, 10)], Exporters.Known);
        audit.Tick(Noon, _signs);
        var sign = Assert.Single(_signs.All);
        Assert.Equal((Prefix.Parse("198.51.100.0/24"), true, 16L), (sign.Target!.Value, sign.Host.IsNone, sign.SourceCount));
        Assert.Contains("400 of 400 packets that came in by customer interface 'customer' within five minutes bear sources that do not belong there", sign.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_to_amplifiers_make_it_grave()
    {
        var audit = New();
        audit.Watch([FlowOf("203.0.113.9", 3, 200) with { Protocol = 17, DestinationPort = 53, Bytes = 200 * 64 }], Exporters.Known);
        audit.Tick(Noon, _signs);
        Assert.Equal((Severity.High, 0.95), (Assert.Single(_signs.All).Direct!.Severity, _signs.All[0].Confidence));
    }

    [Fact]
    public void Errors_of_routers_a_few_strays_and_leaks_of_a_translator_are_passed_over()
    {
        var audit = New();
        audit.Watch([FlowOf("203.0.113.9", 3, 5_000) with { Protocol = 1, DestinationPort = 11 << 8 }], Exporters.Known);
        audit.Watch([FlowOf("2001:db9::9", 3, 5_000) with { Protocol = 58, DestinationPort = 3 << 8 }], Exporters.Known);
        audit.Watch([FlowOf("203.0.113.10", 3, 99)], Exporters.Known);
        audit.Watch([FlowOf("198.51.100.7", 3, 100_000), FlowOf("10.0.0.9", 3, 900)], Exporters.Known);
        audit.Tick(Noon, _signs);
        Assert.Empty(_signs.All);
    }

    [Fact]
    public void Nine_packets_that_were_seen_prove_little_however_many_they_stand_for()
    {
        var audit = New();
        audit.Watch([FlowOf("203.0.113.10", 3, 900_000) with { SampledPackets = 9 }], Exporters.Known);
        audit.Tick(Noon, _signs);
        Assert.Empty(_signs.All);
        audit.Watch([FlowOf("203.0.113.10", 3, 100_000) with { SampledPackets = 1 }], Exporters.Known);
        audit.Tick(Noon, _signs);
        Assert.Equal(100_000, Assert.Single(_signs.All).SamplingRate);
    }

    [Fact]
    public void What_was_long_ago_does_not_add_up()
    {
        var audit = New();
        for (var i = 0; i < 10; i++)
        {
            audit.Watch([FlowOf("203.0.113.9", 3, 60) with { Start = Noon + TimeSpan.FromMinutes(6 * i), End = Noon + TimeSpan.FromMinutes(6 * i) }], Exporters.Known);
            audit.Tick(Noon, _signs);
        }
        Assert.Empty(_signs.All);
    }

    [Fact]
    public void An_exporter_is_known_by_its_address_only_and_waited_for()
    {
        var audit = New();
        audit.Watch([FlowOf("203.0.113.9", 3, 200)], null);
        audit.Watch([FlowOf("203.0.113.9", 3, 200) with { Exporter = 8 }], Exporters.Known);
        audit.Tick(Noon, _signs);
        Assert.Empty(_signs.All);
        audit.Watch([FlowOf("203.0.113.9", 3, 200)], Exporters.Known);
        audit.Tick(Noon, _signs);
        Assert.Single(_signs.All);
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var audit = New();
        Flow[] flows = [.. Enumerable.Range(0, 64).Select(i => FlowOf($"203.0.113.{i}", 3, 1))];
        Assert.Equal(0, Allocations.Least(() =>
        {
            audit.Watch(flows, Exporters.Known);
            return () => audit.Watch(flows, Exporters.Known);
        }));
    }

    private SourceAudit New() => new(_options, Home, _routed);

    private static Flow FlowOf(string source, uint at, int packets) => new()
    {
        Source = IpAddr.Parse(source),
        Destination = IpAddr.Parse("203.0.113.200"),
        InputInterface = at,
        Exporter = 7,
        Protocol = 6,
        Packets = packets,
        SampledPackets = (uint)packets,
        Bytes = packets * 500L,
        Start = Noon,
        End = Noon,
    };

    private sealed class Exporters : ITelemetryHealth
    {
        public static readonly Exporters Known = new();

        public TelemetryHealth Of(ushort exporter) => new(exporter == 7 ? "203.0.113.1" : "203.0.113.2", 0, 0, TimeSpan.Zero);
    }
}
