using System.Diagnostics;

namespace Breakwater.Server.Metrics;

/// <summary>What the process itself uses, under the names that Prometheus' own clients use.</summary>
internal static class ProcessMetrics
{
    public static void Write(PrometheusText text)
    {
        using var process = Process.GetCurrentProcess();
        One("process_cpu_seconds_total", "counter", "CPU time spent by the process.", process.TotalProcessorTime.TotalSeconds);
        One("process_resident_memory_bytes", "gauge", "Resident memory of the process.", process.WorkingSet64);
        One("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.",
            (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        One("dotnet_heap_bytes", "gauge", "Managed memory in use.", GC.GetTotalMemory(false));
        One("dotnet_gc_pause_seconds_total", "counter", "Time the collector held the program.", GC.GetTotalPauseDuration().TotalSeconds);

        void One(string name, string type, string help, double value)
        {
            text.Describe(name, type, help);
            text.Sample(name, [], value);
        }
    }
}
