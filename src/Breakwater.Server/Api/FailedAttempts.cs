using System.Net;

namespace Breakwater.Server.Api;

/// <summary>Counts wrong tokens per address and minute. Bounded; thread-safe.</summary>
internal sealed class FailedAttempts(TimeProvider time)
{
    public const int PerMinute = 10;
    private const int MaxAddresses = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _counts = [];
    private long _minute;

    public bool TooMany(IPAddress client)
    {
        lock (_gate)
        {
            Roll();
            return _counts.GetValueOrDefault(Key(client)) >= PerMinute;
        }
    }

    public void Add(IPAddress client)
    {
        lock (_gate)
        {
            Roll();
            // Full only under a distributed attack; newcomers then go uncounted for the rest of the minute, and a token has 256 bits.
            if (_counts.Count < MaxAddresses || _counts.ContainsKey(Key(client))) _counts[Key(client)] = _counts.GetValueOrDefault(Key(client)) + 1;
        }
    }

    /// <summary>One IPv6 subscriber owns a /64.</summary>
    private static IPAddress Key(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6) return client.MapToIPv4();
        var bytes = client.GetAddressBytes();
        if (bytes.Length == 16) bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private void Roll()
    {
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (minute == _minute) return;
        _minute = minute;
        _counts.Clear();
    }
}
