using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Breakwater.Fuzz;

/// <summary>Feeds mutated inputs to one target until told to stop, and watches for exceptions, hangs and growth.</summary>
public sealed class FuzzRun(IFuzzTarget target, FuzzOptions options)
{
    private readonly Dictionary<string, long> _outcomes = [];
    private long _inputs;
    private double _allocatedPerInput;

    /// <summary>Called after each window with the inputs so far.</summary>
    public Action<long>? Progress { get; init; }

    public FuzzResult Run()
    {
        var mutator = new Mutator(options.Seed, target.Corpus, target.Tokens);
        foreach (var good in target.Corpus) target.Feed(good);

        var watch = Stopwatch.StartNew();
        var atStart = GC.GetTotalMemory(forceFullCollection: true);
        long retained = 0;
        double? usual = null;
        FuzzFailure? failure = null;
        while (failure is null && !Finished(watch.Elapsed))
        {
            var window = options.Count > 0 ? Math.Min(options.Window, options.Count - _inputs) : options.Window;
            failure = RunWindow(mutator, window, watch);
            retained = GC.GetTotalMemory(forceFullCollection: true) - atStart;
            failure ??= Growth(retained, ref usual);
            Progress?.Invoke(_inputs);
        }
        return new FuzzResult(target.Name, _inputs, watch.Elapsed, _outcomes, _allocatedPerInput, retained, failure);
    }

    private bool Finished(TimeSpan elapsed) =>
        (options.Count > 0 && _inputs >= options.Count) || (options.Duration > TimeSpan.Zero && elapsed >= options.Duration);

    private FuzzFailure? RunWindow(Mutator mutator, long count, Stopwatch watch)
    {
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        long done = 0;
        for (; done < count; done++)
        {
            // The clock is read once in a while: a look at every input would cost more than decoding it.
            if ((done & 0x3FF) == 0 && options.Duration > TimeSpan.Zero && watch.Elapsed >= options.Duration) break;
            var input = mutator.Next();
            if (Feed(input) is { } failure) return failure;
            _inputs++;
        }
        if (done > 0) _allocatedPerInput = (double)(GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / done;
        return null;
    }

    private FuzzFailure? Feed(ReadOnlyMemory<byte> input)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_outcomes, target.Feed(input), out _)++;
            // A busy machine may stop us for a second; only an input that is slow again is slow by itself.
            if (Stopwatch.GetElapsedTime(began) > options.HangLimit && IsSlowAgain(input))
                return new FuzzFailure($"took longer than {options.HangLimit.TotalSeconds:0.#} s, twice", input.ToArray());
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return new FuzzFailure(problem.ToString(), input.ToArray());
        }
        return null;
    }

    private bool IsSlowAgain(ReadOnlyMemory<byte> input)
    {
        var began = Stopwatch.GetTimestamp();
        target.Feed(input);
        return Stopwatch.GetElapsedTime(began) > options.HangLimit;
    }

    /// <summary>The first window fills tables; every later one must allocate about what the second did.</summary>
    private FuzzFailure? Growth(long retained, ref double? usual)
    {
        if (retained > options.RetainedLimit)
            return new FuzzFailure($"holds {retained >> 10:N0} KiB more than before the first input, limit {options.RetainedLimit >> 10:N0} KiB", []);
        if (_inputs <= options.Window) return null;
        usual ??= _allocatedPerInput;
        return _allocatedPerInput > usual * 2 + 1024
            ? new FuzzFailure($"allocates {_allocatedPerInput:N0} octets an input, {usual:N0} earlier in the run", [])
            : null;
    }
}
