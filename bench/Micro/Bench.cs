using System.Diagnostics;
using System.Globalization;

namespace Breakwater.Micro;

/// <summary>One thing worth timing.</summary>
/// <param name="Name">Name on the command line and in the table.</param>
/// <param name="Unit">What one operation is: "record", "packet", "flow".</param>
/// <param name="Prepare">Builds the input once; the answer does a share of the work and says how many units it did.</param>
internal sealed record Bench(string Name, string Unit, Func<Func<long>> Prepare)
{
    private const int Rounds = 7;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(0.5);

    /// <summary>Warms up until tiered compilation is through, then times; prints the median and the extremes.</summary>
    public void Run()
    {
        var work = Prepare();
        for (var warm = 0; warm < 3; warm++) Round(work, out _);
        var times = new double[Rounds];
        double allocated = 0;
        for (var i = 0; i < Rounds; i++) times[i] = Round(work, out allocated);
        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Name,-28} {times[Rounds / 2],8:N1} ns/{Unit,-7} ({times[0]:N1}–{times[^1]:N1})  {1e3 / times[Rounds / 2],7:N2} M/s  {allocated:N2} B/{Unit}"));
    }

    private static double Round(Func<long> work, out double allocatedPerUnit)
    {
        long units = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        // Processor time, not the clock on the wall: neighbours slow us down less in it.
        var began = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < RoundTime) units += work();
        var time = Environment.CpuUsage.TotalTime - began;
        allocatedPerUnit = (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / units;
        return time.TotalNanoseconds / units;
    }
}
