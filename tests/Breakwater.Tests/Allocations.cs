namespace Breakwater.Tests;

/// <summary>Measures what a run allocates on this thread.</summary>
internal static class Allocations
{
    private const int Runs = 5;

    /// <summary>Octets that the leanest of several runs allocated; the runs before it are the warm-up.</summary>
    /// <remarks>
    /// A collection that another test causes counts the unused rest of this thread's allocation quantum, 8 KiB, as allocated: one
    /// run alone would fail now and then. What the code itself allocates, it allocates in every run.
    /// </remarks>
    public static long Least(Func<Action> prepare)
    {
        var least = long.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            var measured = prepare();
            var before = GC.GetAllocatedBytesForCurrentThread();
            measured();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
