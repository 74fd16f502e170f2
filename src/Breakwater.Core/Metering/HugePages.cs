using System.Runtime.InteropServices;

namespace Breakwater.Core.Metering;

/// <summary>Asks for pages of 2 MiB under large tables: at a million hosts every record would otherwise miss the TLB as well as the cache.</summary>
internal static unsafe partial class HugePages
{
    public const int Size = 2 << 20;
    private const int MadvHugePage = 14;

    /// <summary>Memory aligned to a huge page, not cleared; free it with <see cref="NativeMemory.AlignedFree"/>.</summary>
    public static void* Allocate(nuint bytes)
    {
        var memory = NativeMemory.AlignedAlloc(bytes, bytes >= Size ? Size : 64u);
        // Only advice: where the kernel has none to give, small pages serve.
        if (bytes >= Size && OperatingSystem.IsLinux()) _ = Advise(memory, bytes, MadvHugePage);
        return memory;
    }

    /// <summary>The same, cleared, and by the system only where it is touched: a table that stays small costs little.</summary>
    /// <param name="toFree">What to give back with <see cref="NativeMemory.Free"/>.</param>
    public static void* AllocateZeroed(nuint bytes, out void* toFree)
    {
        toFree = NativeMemory.AllocZeroed(bytes + Size);
        var memory = (void*)(((nuint)toFree + Size - 1) & ~(nuint)(Size - 1));
        if (bytes >= Size && OperatingSystem.IsLinux()) _ = Advise(memory, bytes, MadvHugePage);
        return memory;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
