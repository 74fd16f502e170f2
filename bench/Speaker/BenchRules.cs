using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;

namespace Breakwater.Speaker;

/// <summary>Rate limits of 198.51.100.0/24, all different, that have passed the guard rails.</summary>
internal sealed class BenchRules
{
    private readonly Timestamp _now = Timestamp.From(DateTimeOffset.UtcNow);
    private readonly GuardRails _rails = new(new RailOptions(), [Prefix.Parse("198.51.100.0/24")], [], []);

    public ClearedMitigation[] Many(int count, double rate) => [.. Enumerable.Range(0, count).Select(i => One(i, rate))];

    /// <param name="rate">Bits per second.</param>
    public ClearedMitigation One(int number, double rate) => _rails.TryClear(new Mitigation
    {
        Id = $"m{number}",
        Origin = MitigationOrigin.Operator,
        Requester = "bench",
        Approvers = ["a", "b"],
        HostGroup = "default",
        Match = new TrafficMatch { Destination = new Prefix(IpAddr.V4(0xC6336400 + (uint)number % 256), 32), Protocols = [17], SourcePorts = [1024 + number / 256], PacketLengths = [new ValueRange(400, 65535)] },
        Action = MitigationAction.RateLimit,
        RateBitsPerSecond = rate,
        Created = _now,
        Since = _now,
        Expires = _now + TimeSpan.FromMinutes(10),
        Reason = "bench",
    }, new RailContext { Now = _now, Mode = MitigationMode.Automatic }, out var cleared, out var refusal) ? cleared : throw new InvalidOperationException(refusal.ToString());
}
