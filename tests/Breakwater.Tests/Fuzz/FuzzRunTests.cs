using Breakwater.Fuzz;

namespace Breakwater.Tests.Fuzz;

[Collection(nameof(Alone))]
public class FuzzRunTests
{
    private static readonly FuzzOptions Short = new() { Count = 2_000, Window = 500, RetainedLimit = 1 << 20 };

    [Fact]
    public void Reports_an_exception_with_the_input_that_caused_it()
    {
        var result = Run(input => input.Length == 3 ? throw new InvalidOperationException("three") : "None");

        Assert.Contains("three", result.Failure!.Reason);
        Assert.Equal(3, result.Failure.Input.Length);
    }

    [Fact]
    public void Reports_a_parser_that_keeps_what_it_was_given()
    {
        var kept = new List<byte[]>();

        var result = Run(_ =>
        {
            kept.Add(new byte[4096]);
            return "None";
        });

        Assert.Contains("more than before", result.Failure!.Reason);
        Assert.NotEmpty(kept);
    }

    [Fact]
    public void Reports_a_parser_that_allocates_ever_more()
    {
        var size = 0;

        var result = Run(_ =>
        {
            GC.KeepAlive(new byte[size += 100]);
            return "None";
        });

        Assert.Contains("allocates", result.Failure!.Reason);
    }

    [Fact]
    public void Reports_an_input_that_hangs_the_parser()
    {
        var target = new FakeTarget(_ =>
        {
            Thread.Sleep(5);
            return "None";
        });

        var result = new FuzzRun(target, Short with { HangLimit = TimeSpan.FromMilliseconds(1) }).Run();

        Assert.Contains("took longer", result.Failure!.Reason);
    }

    [Fact]
    public void Counts_what_a_sound_parser_says()
    {
        var result = Run(input => input.Length % 2 == 0 ? "None" : "Truncated");

        Assert.Null(result.Failure);
        Assert.Equal(2_000, result.Outcomes["None"] + result.Outcomes["Truncated"]);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        Assert.Equal(Inputs(seed: 5), Inputs(seed: 5));
        Assert.NotEqual(Inputs(seed: 5), Inputs(seed: 6));
    }

    private static string[] Inputs(int seed)
    {
        var mutator = new Mutator(seed, FakeTarget.Good, []);
        return [.. Enumerable.Range(0, 500).Select(_ => Convert.ToHexString(mutator.Next().Span))];
    }

    private static FuzzResult Run(Func<ReadOnlyMemory<byte>, string> feed) => new FuzzRun(new FakeTarget(feed), Short).Run();

    private sealed class FakeTarget(Func<ReadOnlyMemory<byte>, string> feed) : IFuzzTarget
    {
        public static readonly byte[][] Good = [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12]];

        public string Name => "fake";

        public IReadOnlyList<byte[]> Corpus => Good;

        public IReadOnlyList<byte[]> Tokens => [];

        public string Feed(ReadOnlyMemory<byte> input) => feed(input);
    }
}
