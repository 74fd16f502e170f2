using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Tests.Core.Mitigations.Rails;

namespace Breakwater.Tests.Core.Mitigations;

/// <summary>A book, the clock that it is told, and an attack that goes on as long as it is told to.</summary>
internal sealed class BookWorld
{
    public BookWorld(MitigationMode mode = MitigationMode.Automatic, MitigationModes? modes = null, PolicyOptions? policy = null, RailOptions? rails = null, bool scrubber = true)
    {
        modes ??= new() { RateLimit = mode, Drop = mode, Divert = mode, Blackhole = mode };
        rails ??= new RailOptions { NeverTouch = AnyMitigation.NeverTouch };
        Book = new MitigationBook(policy ?? new PolicyOptions(), rails, AnyMitigation.Rails(rails), new ModeTable(modes, new Dictionary<string, MitigationModes>()),
            _ => "default", scrubber ? [AnyMitigation.Scrubber] : []);
    }

    public MitigationBook Book { get; }
    public Timestamp Now { get; private set; } = MitigationSamples.Now;

    public Incident Attack { get; set; } = new()
    {
        Id = "i1",
        Kind = IncidentKind.Ddos,
        State = IncidentState.Open,
        Severity = Severity.High,
        Confidence = 0.9,
        Target = Prefix.Parse("192.0.2.7/32"),
        HostGroup = "default",
        Vectors = ["dns-amplification"],
        Start = MitigationSamples.Now,
        LastSeen = MitigationSamples.Now,
        DetectedAt = MitigationSamples.Now,
        Explanation = "",
        PeakPacketsPerSecond = 100_000,
        PeakBitsPerSecond = 1e9,
        Mitigations = [new(new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Protocols = [17], SourcePorts = [53] }, MitigationAction.Drop, 0.99, 0.01)],
    };

    public SignalQuality Quality { get; set; } = new(10_000, true, null, null, 0);

    /// <summary>The mitigations in the book that are not over.</summary>
    public IReadOnlyList<Mitigation> Current => [.. Book.All.Where(m => !m.IsOver)];

    public Mitigation Only => Assert.Single(Current);

    public IReadOnlyList<Mitigation> InForce => [.. Book.Desired().Select(c => c.Mitigation)];

    public BookWorld Seen()
    {
        Attack = Attack with { LastSeen = Now };
        Book.Consider(Attack, Quality, Now);
        return this;
    }

    public BookWorld Ended()
    {
        Book.Consider(Attack with { State = IncidentState.Ended }, Quality, Now);
        return this;
    }

    /// <summary>Second by second.</summary>
    /// <param name="attackSeen">Whether detection still sees the attack.</param>
    /// <param name="toTarget">Packets per second to the target.</param>
    /// <param name="fromTarget">Packets per second that it answers with.</param>
    public BookWorld Pass(int seconds, bool attackSeen = false, double toTarget = 0, double fromTarget = 0, bool held = true)
    {
        for (var i = 0; i < seconds; i++)
        {
            Now += TimeSpan.FromSeconds(1);
            Book.Observe(TrafficSnapshot.Empty with { TopHosts = [new HostRates(IpAddr.Parse("192.0.2.7"), "default", new(toTarget, 8e3 * toTarget, 0), new(fromTarget, 0, 0))], In = new(toTarget, 8e3 * toTarget, 0) });
            if (held) Book.Placed(Book.Desired().ToDictionary(c => c.Id, _ => new Placement(true, null)), Now);
            if (attackSeen) Seen();
            Book.Tick(Now);
        }
        return this;
    }

    public Mitigation Type(TrafficMatch match, MitigationAction action, string person = "anna", TimeSpan? lifetime = null, string? key = null) =>
        Book.Request(new MitigationRequest(MitigationOrigin.Operator, person, match, action, lifetime ?? TimeSpan.FromMinutes(5), "by hand") { Key = key }, Now);
}
