using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine.Notification;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Notification;

public sealed class ScriptNotifierTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("receive-script-").FullName;
    private readonly string _log;
    private ScriptNotifier? _notifier;

    public ScriptNotifierTests() => _log = Path.Combine(_folder, "log");

    public void Dispose()
    {
        _notifier?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Tells_the_beginning_and_the_end_of_an_attack_once_each()
    {
        Start("cat > /dev/null; echo \"$@\" >> LOG");
        var incident = Attack("a", "192.0.2.7/32");
        Publish(incident, incident with { PeakPacketsPerSecond = 9e6 }, incident with { State = IncidentState.Mitigated }, Ended(incident));
        Assert.Equal(["192.0.2.7 incoming 81234 ban", "192.0.2.7 incoming 81234 unban"], Lines(2));
    }

    [Fact]
    public void Gives_the_details_on_standard_input()
    {
        Start("cat >> LOG");
        Publish(Attack("a", "192.0.2.7/32"));
        var lines = Lines(1);
        Assert.Contains("SYN flood on 192.0.2.7", lines);
        Assert.Contains("Vectors: syn-flood", lines);
        Assert.Contains(lines, l => l.Contains("203.0.113.9:1024 > 192.0.2.7:443 protocol: tcp", StringComparison.Ordinal));
    }

    [Fact]
    public void Gives_a_script_made_for_the_other_edition_its_arguments_and_a_document_at_both_ends()
    {
        Start("echo \"$@\" >> LOG; cat >> LOG; echo >> LOG", format: ScriptFormat.FastnetmonJson);
        var incident = Attack("a", "192.0.2.7/32");
        Publish(incident, Ended(incident));
        var lines = Lines(4);
        Assert.Equal(("ban 192.0.2.7", "unban 192.0.2.7"), (lines[0], lines[2]));
        using var ban = JsonDocument.Parse(lines[1]);
        using var unban = JsonDocument.Parse(lines[3]);
        Assert.Equal(("ban", "unban"), (ban.RootElement.GetProperty("action").GetString(), unban.RootElement.GetProperty("action").GetString()));
        Assert.Equal(Uuid(ban), Uuid(unban));

        static string? Uuid(JsonDocument document) => document.RootElement.GetProperty("attack_details").GetProperty("attack_uuid").GetString();
    }

    [Fact]
    public void Writes_a_prefix_as_a_prefix_and_an_outbound_attack_as_its_host()
    {
        Start("cat > /dev/null; echo \"$@\" >> LOG");
        Publish(Attack("a", "192.0.2.0/24"));
        Lines(1);
        Publish(Attack("b", "203.0.113.9/32") with { Kind = IncidentKind.OutboundAttack, Host = IpAddr.Parse("2001:db8::5") });
        Assert.Equal(["192.0.2.0/24 incoming 81234 ban", "2001:db8::5 outgoing 81234 ban"], Lines(2));
    }

    [Fact]
    public void Says_nothing_of_other_kinds_of_incident()
    {
        Start("cat > /dev/null; echo \"$@\" >> LOG");
        foreach (var kind in Enum.GetValues<IncidentKind>().Except([IncidentKind.Ddos, IncidentKind.OutboundAttack]))
            Publish(Attack(kind.Name(), "192.0.2.8/32") with { Kind = kind });
        Publish(Attack("a", "192.0.2.7/32"));
        Assert.Equal(["192.0.2.7 incoming 81234 ban"], Lines(1));
        Assert.Equal(1, _notifier!.Runs);
    }

    [Fact]
    public void Tells_after_a_restart_only_the_end_of_what_was_open_before()
    {
        var incident = Attack("a", "192.0.2.7/32");
        Start("cat > /dev/null; echo \"$@\" >> LOG", incident);
        Publish(incident, Ended(incident));
        Assert.Equal(["192.0.2.7 incoming 81234 unban"], Lines(1));
    }

    [Fact]
    public void Passes_arguments_without_a_shell()
    {
        // An executable that is no script, and that reads no input.
        _notifier = new ScriptNotifier(new ScriptNotifierOptions { Path = "/bin/true" }, NullLogger<ScriptNotifier>.Instance);
        _notifier.Start([]);
        Publish(Attack("a", "192.0.2.7/32") with { Explanation = new string('x', 1 << 20) });
        Assert.True(SpinWait.SpinUntil(() => _notifier.Runs == 1, Patience));
        Assert.Equal(0, _notifier.Failures);
    }

    [Fact]
    public void Counts_a_script_that_is_not_there()
    {
        _notifier = new ScriptNotifier(new ScriptNotifierOptions { Path = Path.Combine(_folder, "missing") }, NullLogger<ScriptNotifier>.Instance);
        _notifier.Start([]);
        Publish(Attack("a", "192.0.2.7/32"));
        Assert.True(SpinWait.SpinUntil(() => _notifier.Failures == 1, Patience));
    }

    [Fact]
    public void Kills_a_script_that_takes_too_long()
    {
        Start("sleep 600", TimeSpan.FromSeconds(1));
        Publish(Attack("a", "192.0.2.7/32"));
        Assert.True(SpinWait.SpinUntil(() => _notifier!.Failures == 1, Patience));
        Assert.Equal(1, _notifier!.Timeouts);
    }

    [Fact]
    public void Drops_new_attacks_when_too_many_wait_but_never_an_end()
    {
        Start("sleep 600");
        var incidents = Enumerable.Range(0, ScriptNotifier.MaxWaiting + 200).Select(i => Attack($"{i}", "192.0.2.7/32")).ToArray();
        Publish(incidents);
        Assert.InRange(_notifier!.Dropped, 100, 200);
        var dropped = _notifier.Dropped;
        Publish([.. incidents.Select(Ended)]);
        Assert.Equal(dropped, _notifier.Dropped);
    }

    private void Start(string script, params Incident[] known) => Start(script, TimeSpan.FromSeconds(30), known);

    private void Start(string script, ScriptFormat format) => Start(script, TimeSpan.FromSeconds(30), [], format);

    private void Start(string script, TimeSpan limit) => Start(script, limit, []);

    private void Start(string script, TimeSpan limit, Incident[] known, ScriptFormat format = ScriptFormat.Fastnetmon)
    {
        var path = Path.Combine(_folder, "notify");
        File.WriteAllText(path, "#!/bin/sh\n" + script.Replace("LOG", _log, StringComparison.Ordinal) + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _notifier = new ScriptNotifier(new ScriptNotifierOptions { Path = path, TimeLimit = limit, Format = format }, NullLogger<ScriptNotifier>.Instance);
        _notifier.Start(known);
    }

    private void Publish(params Incident[] incidents)
    {
        foreach (var incident in incidents) _notifier!.Publish(incident);
    }

    private string[] Lines(int count)
    {
        SpinWait.SpinUntil(() => File.Exists(_log) && File.ReadAllLines(_log).Length >= count, Patience);
        return File.ReadAllLines(_log);
    }

    private static Incident Ended(Incident incident) => incident with { State = IncidentState.Ended, End = incident.LastSeen };

    private static Incident Attack(string id, string target) => new()
    {
        Id = id,
        Kind = IncidentKind.Ddos,
        State = IncidentState.Open,
        Severity = Severity.High,
        Confidence = 0.9,
        Target = Prefix.Parse(target),
        Start = new Timestamp(0),
        LastSeen = new Timestamp(0),
        DetectedAt = new Timestamp(0),
        PeakPacketsPerSecond = 81_234.6,
        Vectors = ["syn-flood"],
        Explanation = "SYN flood on 192.0.2.7",
        Evidence = new Evidence([new Flow { Source = IpAddr.Parse("203.0.113.9"), SourcePort = 1024, Destination = IpAddr.Parse("192.0.2.7"), DestinationPort = 443, Protocol = 6 }], [], 1),
    };
}
