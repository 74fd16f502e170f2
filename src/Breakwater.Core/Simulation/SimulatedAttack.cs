using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation;

/// <summary>One attack of the simulation's schedule: the truth that detectors are checked against.</summary>
/// <param name="Number">Place in the schedule, from 0.</param>
/// <param name="Vectors">What it is made of, names out of <see cref="Detection.Vectors"/>.</param>
/// <param name="Target">The victim: a host, or the whole prefix for carpet bombing.</param>
/// <param name="Start">When the first packet comes.</param>
/// <param name="End">When the last packet has come.</param>
/// <param name="PacketsPerSecond">Mean rate while it is on.</param>
/// <param name="PulsePeriod">From the start of one pulse to the next; zero for an attack without pauses.</param>
public sealed record SimulatedAttack(
    int Number, IReadOnlyList<string> Vectors, Prefix Target, Timestamp Start, Timestamp End, double PacketsPerSecond, TimeSpan PulsePeriod)
{
    private static readonly TimeSpan PulseLength = TimeSpan.FromSeconds(5);

    /// <summary>True while packets come: between pulses the attack is on its way, but silent.</summary>
    public bool IsOnAt(Timestamp time) =>
        time >= Start && time < End && (PulsePeriod == TimeSpan.Zero || (time - Start).Ticks % PulsePeriod.Ticks < PulseLength.Ticks);
}

/// <summary>The endless schedule of attacks: ten different ones, then again upon the next hosts.</summary>
internal static class AttackSchedule
{
    private static readonly TimeSpan FirstStart = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(25);

    private static readonly Plan[] Plans =
    [
        new(["dns-amplification"], Host(SimulatedNetwork.Web), 50_000, Length),
        new([Vectors.SynFlood], Host(SimulatedNetwork.Shop), 48_000, Length),
        new(["ntp-amplification"], Host(SimulatedNetwork.Games), 50_000, Length),
        new([Vectors.UdpFlood], Prefix.Parse("198.51.100.0/24"), 51_200, Length),
        new([Vectors.UdpFlood], Prefix.Parse("192.0.2.80/32"), 60_000, TimeSpan.FromSeconds(65)) { PulsePeriod = TimeSpan.FromSeconds(15) },
        new([Vectors.SynAckReflection], Host(SimulatedNetwork.Mail), 32_000, Length),
        new([Vectors.IcmpFlood], Host(SimulatedNetwork.NameServer), 50_000, Length),
        new(["memcached-amplification"], Prefix.Parse("192.0.2.110/32"), 60_000, Length),
        new([Vectors.UdpFlood], Host(SimulatedNetwork.Web6), 50_000, Length),
        new([Vectors.SynFlood, "cldap-amplification", Vectors.IcmpFlood], Prefix.Parse("192.0.2.40/32"), 60_000, Length),
    ];

    /// <param name="start">When the simulation began.</param>
    /// <param name="number">From 0.</param>
    public static SimulatedAttack Attack(Timestamp start, int number)
    {
        var (round, place) = Math.DivRem(number, Plans.Length);
        var offset = FirstStart + round * Plans.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Length + Pause)
            + Plans.Take(place).Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Length + Pause);
        var plan = Plans[place];
        var from = start + offset;
        return new SimulatedAttack(number, plan.Vectors, Shifted(plan.Target, round), from, from + plan.Length, plan.PacketsPerSecond, plan.PulsePeriod);
    }

    private static Prefix Host(IpAddr address) => new(address, address.Bits);

    /// <summary>Another victim in each round, or the second would only reopen the incidents of the first.</summary>
    private static Prefix Shifted(Prefix target, int round) => target.IsHost
        ? new Prefix(new IpAddr(target.Address.High, target.Address.Low + (ulong)(round % 100)), target.Length)
        : target;

    private sealed record Plan(IReadOnlyList<string> Vectors, Prefix Target, double PacketsPerSecond, TimeSpan Length)
    {
        public TimeSpan PulsePeriod { get; init; }
    }
}
