using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Breakwater.Engine.Net;

/// <summary>Lets one thread sleep in the kernel until a descriptor is readable or another thread wakes it. Once woken it stays awake.</summary>
internal sealed class WakeEvent : IDisposable
{
    private readonly SafeFileHandle _event;

    public WakeEvent()
    {
        var descriptor = LinuxCalls.EventDescriptor(0, LinuxCalls.EventNonBlocking | LinuxCalls.EventCloseOnExec);
        if (descriptor < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _event = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    public unsafe void Wake()
    {
        ulong one = 1;
        LinuxCalls.Write(_event, &one, sizeof(ulong));
    }

    /// <summary>Sleeps until woken, at most <paramref name="milliseconds"/>; -1 for ever.</summary>
    public void Sleep(int milliseconds) => SleepUntilReadable(-1, milliseconds);

    /// <summary>As <see cref="Sleep"/>, but also ends when <paramref name="descriptor"/> has something to read.</summary>
    public unsafe void SleepUntilReadable(int descriptor, int milliseconds)
    {
        // poll ignores negative descriptors. An interrupted poll is an early end, which every caller's loop expects.
        var descriptors = stackalloc LinuxCalls.PollDescriptor[2];
        descriptors[0] = new LinuxCalls.PollDescriptor { Descriptor = (int)_event.DangerousGetHandle(), Events = LinuxCalls.PollIn };
        descriptors[1] = new LinuxCalls.PollDescriptor { Descriptor = descriptor, Events = LinuxCalls.PollIn };
        LinuxCalls.Poll(descriptors, 2, milliseconds);
    }

    public void Dispose() => _event.Dispose();
}
