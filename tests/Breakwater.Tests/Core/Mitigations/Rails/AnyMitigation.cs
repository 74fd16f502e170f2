using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Core.Mitigations.MitigationSamples;

namespace Breakwater.Tests.Core.Mitigations.Rails;

/// <summary>Mitigations as nobody should want them: every field at random, often near what the rails look at.</summary>
internal sealed class AnyMitigation(int seed)
{
    public static readonly Prefix[] Owned = [Prefix.Parse("192.0.2.0/24"), Prefix.Parse("198.51.100.0/22"), Prefix.Parse("2001:db8::/44")];
    public static readonly Prefix[] NeverTouch = [Prefix.Parse("192.0.2.53/32"), Prefix.Parse("198.51.100.0/28"), Prefix.Parse("2001:db8:0:1::/64")];
    public static readonly DivertTarget Scrubber = new("scrubber", IpAddr.Parse("203.0.113.9"), null);

    public static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue - 100).ToArbitrary();

    private static readonly Prefix[] Interesting =
    [
        .. Owned, .. NeverTouch, Prefix.Parse("0.0.0.0/0"), Prefix.Parse("::/0"), Prefix.Parse("127.0.0.1/32"), Prefix.Parse("::1/128"),
        Prefix.Parse("203.0.113.0/24"), Prefix.Parse("192.0.2.7/32"), Prefix.Parse("192.0.0.0/16"), Prefix.Parse("2001:db8::7/128"), Prefix.Parse("2001:db8::/32"),
    ];

    private readonly Random _random = new(seed);

    public static GuardRails Rails(RailOptions? options = null) =>
        new(options ?? new RailOptions { NeverTouch = NeverTouch }, Owned, [], [Scrubber]);

    /// <summary>Often one that would pass, or nearly: so that a property is not true for want of cleared ones.</summary>
    public Mitigation Next()
    {
        var action = (MitigationAction)_random.Next(4);
        var good = Proposed with
        {
            Id = $"m{_random.Next()}",
            Action = action,
            Match = action == MitigationAction.Blackhole ? new() { Destination = Host() } : Proposed.Match with { Destination = Host() },
            RateBitsPerSecond = action == MitigationAction.RateLimit ? 1e6 : null,
            DivertTo = action == MitigationAction.Divert ? Scrubber : null,
            EscalatedFrom = "tried",
        };
        if (action is MitigationAction.Drop or MitigationAction.RateLimit && Spoilt())
            good = good with { Origin = MitigationOrigin.CallHome, RequesterPrefixes = Owned, Match = good.Match with { Destination = Prefix.Parse("203.0.113.7/32"), Source = Host4() } };
        return good with
        {
            Origin = Spoilt() ? (MitigationOrigin)_random.Next(5) : good.Origin,
            IncidentId = Spoilt() ? null : good.IncidentId,
            RequesterPrefixes = Spoilt() ? [AnyPrefix()] : good.RequesterPrefixes,
            HostGroup = _random.Next(2) == 0 ? "default" : "web",
            Match = Spoilt() ? Match() : Spoilt() ? good.Match with { Destination = AnyPrefix() } : good.Match,
            RateBitsPerSecond = Spoilt() ? Pick<double?>(null, 1e6, 0, -1, double.NaN, double.PositiveInfinity, 1e14) : good.RateBitsPerSecond,
            RatePacketsPerSecond = Spoilt() ? 1000 : null,
            DivertTo = Spoilt() ? Pick(null, Scrubber, Scrubber with { NextHop = IpAddr.Parse("192.0.2.7") }) : good.DivertTo,
            Expires = Spoilt() ? Now + TimeSpan.FromSeconds(_random.Next(-100, 10_000)) : good.Expires,
            Approvers = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => Pick("anna", "ben"))],
            CollateralShare = _random.Next(2) == 0 ? null : _random.NextDouble(),
            EscalatedFrom = Spoilt() ? null : good.EscalatedFrom,
        };
    }

    public RailContext Context() => new()
    {
        Now = Now,
        Mode = Spoilt() ? (MitigationMode)_random.Next(4) : MitigationMode.Automatic,
        InForce = [.. Enumerable.Range(0, _random.Next(5)).Select(_ => Next())],
        Tried = Spoilt() ? [] : [Proposed with { Id = "tried", Action = Pick(MitigationAction.Drop, MitigationAction.Drop, MitigationAction.Blackhole) }],
        NewInLastMinute = _random.Next(80),
        TrafficShare = _random.NextDouble() / 4,
        Quality = Spoilt() ? Pick(null, AnyQuality()) : new SignalQuality(1_000, true, null, null, 0),
        HeldUntil = Spoilt() ? Now + TimeSpan.FromSeconds(_random.Next(-100, 100)) : null,
    };

    private SignalQuality AnyQuality() => new(_random.Next(300), _random.Next(4) != 0, TimeSpan.FromSeconds(_random.Next(200)),
        TimeSpan.FromSeconds(_random.Next(-200, 200)), _random.NextDouble() / 5);

    private bool Spoilt() => _random.Next(6) == 0;

    public TrafficMatch Match() => new()
    {
        Destination = _random.Next(8) == 0 ? null : AnyPrefix(),
        Source = _random.Next(4) == 0 ? AnyPrefix() : null,
        Protocols = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => Pick<byte>(1, 6, 6, 17, 58, 47))],
        SourcePorts = Ranges(65_535),
        DestinationPorts = Ranges(65_535),
        IcmpTypes = Ranges(255),
        TcpFlags = Pick<byte>(0, 0, 2, 16),
        TcpFlagsMask = Pick<byte>(0, 0, 2, 18),
        PacketLengths = Ranges(65_535),
        Dscp = Ranges(63),
        Fragment = Pick<bool?>(null, null, true, false),
    };

    private Prefix Host() => _random.Next(2) == 0
        ? Host4()
        : new Prefix(new IpAddr(0x20010DB8_00000000ul, (ulong)_random.Next()), 128);

    private Prefix Host4() => new(IpAddr.V4(0xC0000200u + (uint)_random.Next(256)), 32);

    private Prefix AnyPrefix()
    {
        var near = Pick(Interesting);
        var address = new IpAddr(near.Address.High, near.Address.IsV4 ? near.Address.Low ^ (uint)_random.Next(1 << _random.Next(10)) : near.Address.Low ^ (ulong)_random.Next());
        return _random.Next(2) == 0 ? near : new Prefix(address, _random.Next(4) == 0 ? _random.Next(address.Bits + 1) : address.Bits - _random.Next(10));
    }

    private IReadOnlyList<ValueRange> Ranges(int highest) => _random.Next(3) != 0 ? [] :
        [.. Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Pick<ValueRange>(_random.Next(highest + 1), new(0, highest), new(170, 190), new(180, highest), new(0, 178), new(5, 2), new(-1, 3), new(0, highest + 1)))];

    private T Pick<T>(params ReadOnlySpan<T> from) => from[_random.Next(from.Length)];
}
