namespace Breakwater.Engine.Net;

/// <summary>A thread that receives or judges traffic: it comes before those that answer browsers and write to disks.</summary>
internal static class HotThread
{
    /// <summary>A tenth of the processor is left to an ordinary thread that wants all of it (sched(7), weights of nice levels).</summary>
    private const int Niceness = -10;

    /// <summary>Makes a thread that asks for precedence before it begins. Needs CAP_SYS_NICE or LimitNICE; without, it runs like any other.</summary>
    public static Thread Create(string name, Action run) => new(() =>
    {
        // .NET's own priorities do nothing on Linux. 0, 0: the calling thread (setpriority(2), C library and kernel differences).
        if (OperatingSystem.IsLinux()) _ = LinuxCalls.SetPriority(0, 0, Niceness);
        run();
    })
    { Name = name, IsBackground = true };
}
