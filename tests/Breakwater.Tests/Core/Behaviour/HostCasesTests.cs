using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour;

public class HostCasesTests : IIncidentSink
{
    private static readonly IpAddr Ours = IpAddr.Parse("192.0.2.7"), Theirs = IpAddr.Parse("203.0.113.9");

    private readonly BehaviourOptions _options = new();
    private readonly HostCases _cases;
    private readonly Dictionary<string, Incident> _incidents = [];
    private Timestamp _now = Timestamp.FromUnixSeconds(1_700_000_000);

    public HostCasesTests() => _cases = new HostCases(_options, new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []), this);

    void IIncidentSink.Publish(Incident incident) => _incidents[incident.Id] = incident;

    [Fact]
    public void One_family_of_evidence_is_a_reason_to_watch_and_two_to_accuse()
    {
        Say(SignNames.OutboundAttack);
        Say(SignNames.HorizontalScan);
        Say(SignNames.VerticalScan);
        Assert.DoesNotContain(_incidents.Values, i => i.Kind == IncidentKind.InfectedHost && i.Severity >= Severity.Medium);
        Say(SignNames.TelnetBruteForce);
        var infected = Infected();
        // Reference of detection, section 3.16: scan, guessing and attack are 9.7 to log-odds of -6.9.
        Assert.Equal((Severity.Medium, 0.94), (infected.Severity, infected.Confidence));
        Assert.Equal(4, infected.Findings.Count);
        Assert.All(infected.Findings, f => Assert.Contains(f.Inputs, i => i.Key == "weight"));
    }

    [Fact]
    public void Proof_needs_no_second_family()
    {
        Say(SignNames.MiraiScan, confirmed: true);
        Assert.Equal(Severity.Medium, Infected().Severity);
    }

    /// <summary>Where home was guessed, the infected host may be the one that calls; but it takes more to say so.</summary>
    [Theory]
    [InlineData("192.0.2.7", Severity.Medium)]
    [InlineData("203.0.113.9", Severity.Low)]
    public void Who_calls_a_home_that_was_guessed_is_accused_on_more_evidence(string host, Severity expected)
    {
        var cases = new HostCases(_options, new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []) { IsInferred = true }, this);
        foreach (var sign in new[] { SignNames.OutboundAttack, SignNames.HorizontalScan, SignNames.TelnetBruteForce }) cases.Add(Sign(sign, IpAddr.Parse(host), direct: null, target: null, confirmed: false));
        cases.Tick(_now);
        Assert.Equal(expected, Assert.Single(_incidents.Values).Severity);
    }

    [Fact]
    public void Signs_of_one_family_count_once()
    {
        foreach (var sign in new[] { SignNames.HorizontalScan, SignNames.VerticalScan, SignNames.ArpScan, SignNames.PingSweep }) Say(sign);
        Say(SignNames.SshBruteForce);
        Assert.DoesNotContain(_incidents.Values, i => i.Kind == IncidentKind.InfectedHost);
    }

    [Fact]
    public void Evidence_of_three_days_ago_counts_an_eighth()
    {
        Say(SignNames.OutboundAttack);
        Say(SignNames.HorizontalScan);
        _now += TimeSpan.FromDays(3);
        Say(SignNames.TelnetBruteForce);
        Assert.DoesNotContain(_incidents.Values, i => i.Kind == IncidentKind.InfectedHost && i.Severity >= Severity.Medium);
    }

    [Fact]
    public void Somebody_elsewhere_is_not_for_us_to_call_infected()
    {
        Say(SignNames.OutboundAttack, Theirs);
        Say(SignNames.HorizontalScan, Theirs);
        Say(SignNames.TelnetBruteForce, Theirs);
        Assert.Empty(_incidents);
    }

    [Fact]
    public void A_scan_is_a_story_of_its_own_and_ends_when_it_was_quiet_for_the_hold_time()
    {
        Say(SignNames.HorizontalScan, direct: IncidentKind.Scan);
        Assert.Equal(IncidentState.Open, Assert.Single(_incidents.Values).State);
        _now += TimeSpan.FromMinutes(61);
        _cases.Tick(_now);
        Assert.Equal(IncidentState.Ended, Assert.Single(_incidents.Values).State);
        Say(SignNames.HorizontalScan, direct: IncidentKind.Scan);
        Assert.Equal(IncidentState.Open, Assert.Single(_incidents.Values).State);
    }

    [Fact]
    public void An_exception_withdraws_what_was_said_before()
    {
        Say(SignNames.HorizontalScan, direct: IncidentKind.Scan);
        _options.Exceptions = [new BehaviourException { Host = Prefix.Parse("192.0.2.0/28"), Signs = [SignNames.HorizontalScan] }];
        _cases.TakeUpOptions(_now);
        var withdrawn = Assert.Single(_incidents.Values);
        Assert.Equal((IncidentState.Ended, Severity.Info), (withdrawn.State, withdrawn.Severity));
        Say(SignNames.HorizontalScan, direct: IncidentKind.Scan);
        Assert.Equal(IncidentState.Ended, Assert.Single(_incidents.Values).State);
    }

    [Fact]
    public void An_exception_takes_its_part_out_of_what_several_signs_came_to()
    {
        Say(SignNames.OutboundAttack);
        Say(SignNames.HorizontalScan);
        Say(SignNames.TelnetBruteForce);
        Assert.Equal(Severity.Medium, Infected().Severity);
        _options.Exceptions = [new BehaviourException { Host = new Prefix(Ours, 32), Signs = [SignNames.OutboundAttack] }];
        _cases.TakeUpOptions(_now);
        Assert.Equal(Severity.Low, Infected().Severity);
        Assert.DoesNotContain(SignNames.OutboundAttack, Infected().Vectors);
    }

    [Fact]
    public void Ports_of_a_host_under_attack_are_the_attacks_and_no_scan()
    {
        _cases.Hear(Attack(IncidentState.Open));
        Say(SignNames.VerticalScan, Theirs, direct: IncidentKind.Scan, target: Ours);
        Assert.Empty(_incidents);
        _cases.Hear(Attack(IncidentState.Ended));
        Say(SignNames.VerticalScan, Theirs, direct: IncidentKind.Scan, target: Ours);
        Assert.Single(_incidents);
    }

    [Fact]
    public void The_rhythm_of_a_hosts_own_flood_is_the_floods_and_counts_once()
    {
        _cases.Hear(Attack(IncidentState.Open) with { Kind = IncidentKind.OutboundAttack, Host = Ours, Target = new Prefix(Theirs, 32) });
        Say(SignNames.Beacon, target: Theirs);
        Say(SignNames.StubbornCalls, target: Theirs);
        Assert.Equal([SignNames.OutboundAttack], Signs());
        Say(SignNames.Beacon, target: IpAddr.V4(0xCB00_7155u));
        Assert.Equal([SignNames.Beacon, SignNames.OutboundAttack], Signs());

        string[] Signs() => [.. Assert.Single(_cases.Evidence()).Signs.Select(s => s.Key)];
    }

    [Fact]
    public void All_the_habits_of_a_cheap_camera_make_no_bot_of_it()
    {
        foreach (var habit in SignNames.All.Where(SignNames.IsHabit)) Say(habit);
        Assert.Empty(_incidents);
        Say(SignNames.JitteredCalls);
        var infected = Infected();
        Assert.Equal(Severity.Medium, infected.Severity);
        Assert.Contains("what ordinary devices do as well counts 5 together", infected.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Goes_on_with_what_a_former_run_left_open()
    {
        Say(SignNames.HorizontalScan, direct: IncidentKind.Scan);
        var former = Assert.Single(_incidents.Values);
        var next = new HostCases(_options, new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []), this);
        next.Resume([former]);
        _now += TimeSpan.FromMinutes(5);
        next.Add(Sign(SignNames.VerticalScan, Ours, IncidentKind.Scan, null, false));
        next.Tick(_now);
        var incident = Assert.Single(_incidents.Values);
        Assert.Equal(former.Id, incident.Id);
        Assert.Contains(SignNames.VerticalScan, incident.Vectors);
    }

    [Fact]
    public void Keeps_no_more_cases_than_it_may()
    {
        _options.MaxCases = 16;
        for (var i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            Say(SignNames.HorizontalScan, IpAddr.V4(0xC000_0200u + (uint)i));
        }
        Assert.Equal(16, _cases.Count);
    }

    [Fact]
    public void A_host_that_guesses_everywhere_is_told_of_in_a_few_words()
    {
        for (var i = 0; i < 500; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            _cases.Add(Sign(SignNames.SshBruteForce, Ours, IncidentKind.BruteForce, null, false) with { Service = i });
        }
        _cases.Tick(_now);
        var incident = Assert.Single(_incidents.Values);
        Assert.Equal(HostCase.MaxSigns, incident.Findings.Count);
        Assert.EndsWith("see the findings.", incident.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_sign_has_a_family_and_a_weight_and_a_name_in_small_letters()
    {
        Assert.Equal(SignNames.All.Distinct(), SignNames.All);
        Assert.All(SignNames.All, name =>
        {
            Assert.Matches("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", name);
            Assert.NotEmpty(SignNames.FamilyOf(name).Name());
            Assert.InRange(SignNames.WeightOf(name), 0, 12);
        });
    }

    private Incident Infected() => _incidents.Values.Single(i => i.Kind == IncidentKind.InfectedHost);

    private void Say(string name, IpAddr? host = null, IncidentKind? direct = null, IpAddr? target = null, bool confirmed = false)
    {
        _cases.Add(Sign(name, host ?? Ours, direct, target, confirmed));
        _cases.Tick(_now);
    }

    private Sign Sign(string name, IpAddr host, IncidentKind? direct, IpAddr? target, bool confirmed) => new()
    {
        Behaviour = "test",
        Name = name,
        Family = SignNames.FamilyOf(name),
        Host = host,
        Weight = SignNames.WeightOf(name),
        Confidence = 1,
        Confirmed = confirmed,
        From = _now,
        To = _now,
        Because = "the test says so",
        Counterfactual = "would not have been said otherwise",
        Direct = direct is { } kind ? new DirectIncident(kind, Severity.Medium) : null,
        Target = target is { } victim ? new Prefix(victim, 32) : null,
    };

    private Incident Attack(IncidentState state) => new()
    {
        Id = "attack",
        Kind = IncidentKind.Ddos,
        State = state,
        Severity = Severity.High,
        Confidence = 0.9,
        Target = new Prefix(Ours, 32),
        Start = _now,
        LastSeen = _now,
        DetectedAt = _now,
        Explanation = "",
    };
}
