using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Mitigations.Nftables;
using Breakwater.Tests.Core.Mitigations;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Mitigations.Nftables;

/// <summary>An nft that is missing, refuses, hangs or lies: a status with a problem, in bounded time. What it does when it works is in the system tests.</summary>
public sealed class NftablesMitigatorTests : IAsyncDisposable
{
    private static readonly Mitigation Rule = MitigationSamples.Proposed;

    private readonly string _folder = Directory.CreateTempSubdirectory("breakwater-nft-").FullName;
    private NftablesMitigator? _mitigator;

    [Fact]
    public async Task A_missing_program_is_a_problem_that_names_it()
    {
        await Start("/nowhere/nft");
        await Apply(Rule);
        Assert.Contains("/nowhere/nft cannot be run", Assert.Single(_mitigator!.Status).Problem, StringComparison.Ordinal);
        Assert.Equal(PlacementState.Failed, _mitigator.Status[0].State);
    }

    [Fact]
    public async Task A_program_that_refuses_is_a_problem_in_its_own_words()
    {
        await Start(Script("echo 'Error: Operation not permitted' >&2; exit 1"));
        await Apply(Rule);
        Assert.Equal((PlacementState.Failed, "nft says: Error: Operation not permitted"), (_mitigator!.Status[0].State, _mitigator.Status[0].Problem));
    }

    [Fact]
    public async Task A_program_that_hangs_is_killed()
    {
        await Start(Script("sleep 600"), timeout: 0.5);
        await Apply(Rule);
        Assert.Equal("nft did not answer within 0.5 s", _mitigator!.Status[0].Problem);
    }

    [Fact]
    public async Task A_program_that_talks_nonsense_is_a_problem()
    {
        await Start(Script("echo nonsense"));
        await Apply(Rule);
        Assert.StartsWith("what nft says cannot be read", _mitigator!.Status[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Withdrawing_everything_does_not_wait_for_a_program_that_hangs()
    {
        await Start(Script("case \"$*\" in *tables*) if [ -e go ]; then echo '{\"nftables\": []}'; else sleep 600; fi;; esac"), timeout: 60);
        var hanging = Apply(Rule);
        await Task.Delay(100);
        File.WriteAllText(Path.Combine(_folder, "go"), "");
        await _mitigator!.WithdrawAllAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
        await hanging.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(_mitigator.Status);
    }

    [Fact]
    public async Task A_change_that_the_kernel_does_not_show_counts_as_not_done()
    {
        await Start(Script("echo '{\"nftables\": []}'"));
        await Apply(Rule);
        Assert.Equal((PlacementState.Failed, "chain hook0 is gone"), (_mitigator!.Status[0].State, _mitigator.Status[0].Problem));
    }

    [Fact]
    public async Task Tries_again_by_itself()
    {
        var broken = Script("echo $0 >> calls; exit 1");
        await Start(broken, check: 0.2);
        await Apply(Rule);
        for (var i = 0; i < 500 && File.ReadAllLines(Path.Combine(_folder, "calls")).Length < 2; i++) await Task.Delay(20);
        Assert.True(File.ReadAllLines(Path.Combine(_folder, "calls")).Length >= 2);
    }

    [Fact]
    public async Task A_table_of_the_same_name_that_is_not_ours_is_left_alone()
    {
        File.WriteAllText(Path.Combine(_folder, "table"), Breakwater.Fuzz.Corpus.NftablesCorpus.OthersTable);
        File.WriteAllText(Path.Combine(_folder, "tables"), Breakwater.Fuzz.Corpus.NftablesCorpus.Tables);
        await Start(Script("echo \"$*\" >> calls; case \"$*\" in *tables*) cat tables;; *list*) cat table;; esac"));
        await Apply(Rule);
        Assert.Equal("table inet breakwater belongs to somebody else: choose another name", _mitigator!.Status[0].Problem);
        await _mitigator.WithdrawAllAsync(default);
        await _mitigator.StopAsync(default);
        Assert.DoesNotContain("-f", await File.ReadAllTextAsync(Path.Combine(_folder, "calls")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Knows_what_it_cannot_do()
    {
        await Start("nft");
        Assert.Null(_mitigator!.WhyNot(Rule));
        Assert.Contains("routing", _mitigator.WhyNot(Rule with { Action = MitigationAction.Divert }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "", false)]
    [InlineData("breakwater", "../../etc", false)]
    [InlineData("breakwater", "-x", false)]
    [InlineData("my_table-2", "edge.1", true)]
    public void Names_that_are_none_are_refused_at_the_start(string table, string netns, bool ok)
    {
        var options = new NftablesOptions { Table = table, Netns = netns.Length > 0 ? netns : null };
        Assert.Equal(ok, !options.Validate(new(options)).Any());
    }

    public async ValueTask DisposeAsync()
    {
        if (_mitigator is not null)
        {
            await _mitigator.StopAsync(default);
            await _mitigator.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private Task Start(string command, double timeout = 10, double check = 300)
    {
        var options = new NftablesOptions { Enabled = true, Command = command, Timeout = TimeSpan.FromSeconds(timeout), CheckInterval = TimeSpan.FromSeconds(check) };
        _mitigator = new NftablesMitigator(options, TimeProvider.System, NullLogger<NftablesMitigator>.Instance);
        return _mitigator.StartAsync(default);
    }

    private Task Apply(params Mitigation[] mitigations) => _mitigator!.ApplyAsync([.. mitigations.Select(m => new ClearedMitigation(m))], default);

    private string Script(string body)
    {
        var file = Path.Combine(_folder, "nft");
        File.WriteAllText(file, $"#!/bin/sh\ncd '{_folder}'\n{body}\n");
        using var chmod = System.Diagnostics.Process.Start("chmod", ["+x", file]);
        chmod.WaitForExit();
        return file;
    }
}
