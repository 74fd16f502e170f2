using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Ipfix;

/// <summary>NTP timestamps: 32 bits of seconds since 1900 and 32 bits of fraction (RFC 7011 §6.1.9 and §6.1.10).</summary>
internal static class NtpTime
{
    private const uint SecondsFrom1900To1970 = 2_208_988_800;

    /// <summary>The seconds wrap in 2036, so what would be before 1970 is after that.</summary>
    public static Timestamp ToTimestamp(ulong ntp)
    {
        var seconds = unchecked((uint)(ntp >> 32) - SecondsFrom1900To1970);
        var nanoseconds = (long)(((ntp & uint.MaxValue) * (ulong)Timestamp.NanosecondsPerSecond) >> 32);
        return new Timestamp(seconds * Timestamp.NanosecondsPerSecond + nanoseconds);
    }
}
