using Breakwater.Fuzz;

namespace Breakwater.Tests.Fuzz;

/// <summary>What holds for every parser in <see cref="FuzzTargets"/>, the one added next year included. The long run is in docs/testing.md.</summary>
[Collection(nameof(Alone))]
public class EveryParser
{
    public static TheoryData<string> Names => [.. FuzzTargets.Names];

    [Theory, MemberData(nameof(Names))]
    public void Survives_thousands_of_mutated_inputs(string name)
    {
        // A whole file takes a hundred times as long as a datagram.
        var count = FuzzTargets.Resolve("flow,packet", out _).Contains(name) ? 40_000 : 4_000;
        // A loaded machine must not fail this: hangs are looked for by the long run.
        var options = new FuzzOptions { Seed = 20_261, Count = count, Window = count / 4, HangLimit = TimeSpan.FromSeconds(30) };

        var result = new FuzzRun(FuzzTargets.Create(name), options).Run();

        Assert.True(result.Failure is null, result.Failure is { } f ? $"{f.Reason}\ninput: {Convert.ToHexString(f.Input)}" : "");
        Assert.Equal(count, result.Inputs);
    }

    [Theory, MemberData(nameof(Names))]
    public void Reads_most_of_the_good_inputs_that_fuzzing_starts_from(string name)
    {
        var target = FuzzTargets.Create(name);
        foreach (var good in target.Corpus) target.Feed(good);

        // The second time round templates are known; without a good start mutations would only test the first check.
        var good2 = target.Corpus.Count(input => target.Feed(input) == "None");

        Assert.True(good2 * 2 > target.Corpus.Count, $"{good2} of {target.Corpus.Count} inputs are read without an error");
    }
}

/// <summary>Memory is the whole process's, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;
