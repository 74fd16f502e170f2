using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Microsoft.Extensions.Logging.Abstractions;
using static Breakwater.Tests.Engine.Mitigations.ServiceWorld;

namespace Breakwater.Tests.Engine.Mitigations;

public class MitigationServiceTests
{
    [Fact]
    public async Task An_incident_becomes_a_rule_at_the_mitigator_and_active_once_it_is_seen_there()
    {
        await using var world = await new ServiceWorld().StartAsync();
        world.Service.Publish(Attack());
        await Until(() => world.Service.All() is [{ State: MitigationState.Active }]);
        Assert.Equal(Prefix.Parse("192.0.2.7/32"), Assert.Single(world.Mitigator.Held).Mitigation.Match.Destination);
        Assert.Equal("here", Assert.Single(world.Service.StatusOf(world.Service.All()[0].Id)).Place);
    }

    [Fact]
    public async Task It_tells_which_incidents_have_rules_in_force_at_the_start_and_at_each_change()
    {
        await using var world = new ServiceWorld();
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        world.Service.MitigatedChanged += incidents => told.Enqueue(string.Join(",", incidents));
        await world.StartAsync();
        world.Service.Publish(Attack());
        await Until(() => told.Count == 2);
        await world.Service.RequestAsync(Drop("192.0.2.9/32"));
        await world.Service.WithdrawAllAsync("anna", "drill");
        await Until(() => told.Count == 3);
        Assert.Equal(["", Attack().Id, ""], told);
    }

    [Fact]
    public async Task The_journal_knows_of_a_rule_before_the_mitigator_does()
    {
        await using var world = new ServiceWorld();
        var journalled = new List<bool>();
        world.Mitigator.OnApply = set =>
        {
            if (set.Count > 0) journalled.Add(ReadShared(world.Journal).Contains(set[0].Id, StringComparison.Ordinal));
        };
        await world.StartAsync();
        await world.Service.RequestAsync(Drop("192.0.2.9/32"));
        await Until(() => world.Mitigator.Held.Count == 1);
        Assert.True(journalled[0]);
    }

    [Fact]
    public async Task A_restart_takes_up_what_was_in_force_and_tells_mitigators_the_whole_set()
    {
        var before = await new ServiceWorld().StartAsync();
        var kept = await before.Service.RequestAsync(Drop("192.0.2.9/32"));
        await before.Service.RequestAsync(Drop("192.0.2.20/32"));
        await before.DisposeAsync();
        // Cut short by a crash, after whatever else was written.
        await File.AppendAllTextAsync(before.Journal, "{\"id\":\"m-half");

        await using var after = await new ServiceWorld(new RailOptions { NeverTouch = [Prefix.Parse("192.0.2.20/32")] }, before.Folder).StartAsync();
        await Until(() => after.Mitigator.Held.Count == 1);
        Assert.Equal(kept.Id, after.Mitigator.Held[0].Id);
        Assert.Contains(after.Service.All(), m => m.State == MitigationState.Withdrawn && m.Outcome.Contains("never-touch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_former_run_left_behind_is_withdrawn_when_nothing_is_wanted()
    {
        await using var world = await new ServiceWorld().StartAsync();
        await Until(() => world.Mitigator.Calls.Contains("apply 0"));
    }

    [Fact]
    public async Task Two_instances_on_one_folder_do_not_both_mitigate()
    {
        var first = await new ServiceWorld().StartAsync();
        await first.Service.RequestAsync(Drop("192.0.2.9/32"));
        await using var second = await new ServiceWorld(folder: first.Folder).StartAsync();
        await Assert.ThrowsAsync<MitigationUnavailableException>(() => second.Service.RequestAsync(Drop("192.0.2.9/32")));
        Assert.NotNull(second.Service.WhyNotReady());
        Assert.Empty(second.Mitigator.Calls);
        await first.DisposeAsync();
        await Until(() => second.Mitigator.Held.Count == 1);
    }

    [Fact]
    public async Task A_mitigator_that_hangs_or_fails_costs_only_itself()
    {
        var hanging = new RecordingMitigator { Before = new TaskCompletionSource().Task };
        var failing = new RecordingMitigator { Failure = new InvalidOperationException("no such table") };
        var good = new RecordingMitigator();
        await using var world = await new ServiceWorld(mitigators: [hanging, failing, good]).StartAsync();
        await world.Service.RequestAsync(Drop("192.0.2.9/32"));
        await Until(() => good.Held.Count == 1 && world.Service.WhyNotReady() is not null);
        Assert.Contains("no such table", world.Service.WhyNotReady());
        failing.Failure = null;
        await Until(() => failing.Held.Count == 1);
    }

    [Fact]
    public async Task Withdraw_all_reaches_the_mitigators_past_one_that_hangs_and_pauses()
    {
        await using var world = await new ServiceWorld().StartAsync();
        await world.Service.RequestAsync(Drop("192.0.2.9/32"));
        await Until(() => world.Mitigator.Held.Count == 1);
        world.Mitigator.Before = new TaskCompletionSource().Task;
        Assert.Equal(1, await world.Service.WithdrawAllAsync("anna", "drill"));
        Assert.Empty(world.Mitigator.Held);
        world.Mitigator.Before = Task.CompletedTask;
        world.Service.Publish(Attack());
        await Until(() => world.Service.All().Any(m => m.RefusedBy == "paused"));
        Assert.Empty(world.Mitigator.Held);
        await world.Service.ResumeAsync("anna");
        world.Service.Publish(Attack());
        await Until(() => world.Mitigator.Held.Count == 1 || world.Service.All().Any(m => m.IsWanted));
    }

    [Fact]
    public async Task A_pause_survives_a_restart()
    {
        var before = await new ServiceWorld().StartAsync();
        await before.Service.WithdrawAllAsync("anna", "drill");
        await before.DisposeAsync();
        await using var after = await new ServiceWorld(folder: before.Folder).StartAsync();
        after.Service.Publish(Attack());
        await Until(() => after.Service.All().Any(m => m.RefusedBy == "paused"));
        Assert.Equal("anna", after.Service.PausedBy);
    }

    [Fact]
    public async Task Withdraw_all_works_over_the_control_socket_with_the_store_down()
    {
        await using var world = await new ServiceWorld().StartAsync();
        world.Store.Broken = "disk gone";
        using var socket = new ControlSocket(world.Service, world.Folder, NullLogger<ControlSocket>.Instance);
        await socket.StartAsync(default);
        await world.Service.RequestAsync(Drop("192.0.2.9/32"));
        await Until(() => world.Mitigator.Held.Count == 1);
        Assert.Equal("ok 1", await ControlSocket.WithdrawAllAsync(world.Folder, "ben", "the page is down", default));
        Assert.Empty(world.Mitigator.Held);
        Assert.Equal("ben", world.Service.PausedBy);
        await socket.StopAsync(default);
    }

    [Fact]
    public async Task What_no_mitigator_can_do_fails_and_says_why()
    {
        var world = await new ServiceWorld().StartAsync();
        world.Mitigator.Why = _ => "the peer takes no FlowSpec";
        var refused = await world.Service.RequestAsync(Drop("192.0.2.9/32"));
        var failed = world.Service.Find(refused.Id)!;
        Assert.Equal((MitigationState.Failed, "no mitigator can do it: recording: the peer takes no FlowSpec"), (failed.State, failed.Outcome));
        await world.DisposeAsync();
    }

    [Fact]
    public async Task Every_step_is_in_the_audit_log_with_who_and_why_and_in_the_store()
    {
        var world = await new ServiceWorld().StartAsync();
        var drop = await world.Service.RequestAsync(Drop("192.0.2.9/32"));
        await Until(() => world.Service.Find(drop.Id)!.State == MitigationState.Active);
        await world.Service.WithdrawAsync(drop.Id, "ben", "false alarm");
        await world.DisposeAsync();
        var lines = await File.ReadAllLinesAsync(world.AuditFile);
        Assert.Contains(lines, l => l.Contains("\"who\":\"anna\",\"what\":\"approved\"", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("\"who\":\"ben\",\"what\":\"withdrawn\"", StringComparison.Ordinal) && l.Contains("ben: false alarm", StringComparison.Ordinal));
        Assert.Null(AuditLog.Verify(world.AuditFile).Problem);
        Assert.Equal(MitigationState.Withdrawn, world.Store.FindMitigation(drop.Id)!.State);
    }

    [Fact]
    public async Task A_container_may_dispose_of_it_once_for_each_of_its_roles()
    {
        var world = await new ServiceWorld().StartAsync();
        await world.DisposeAsync();
        Assert.Null(await Record.ExceptionAsync(async () => await world.Service.DisposeAsync()));
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
