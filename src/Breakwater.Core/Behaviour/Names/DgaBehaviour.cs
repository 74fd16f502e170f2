using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Names;

/// <summary>A host asks for many names that do not exist and that nobody would choose: malware looks for its controller where an algorithm says.</summary>
/// <remarks>
/// By host, not by name: at one false name in ten thousand a large network would still raise thousands of alarms a day. Antonakakis et al., "From Throw-Away
/// Traffic to Bots" (USENIX Security 2012): the failures of one host are alike, and only its successes are the controller. Names by registration, so that lists
/// asked by DNS and a domain search list count once. Names made of dictionary words stay unseen.
/// </remarks>
public sealed class DgaBehaviour(BehaviourOptions options, HomeNetwork home) : IBehaviour, IHear<DnsObservation>
{
    /// <summary>Distinct names that do not exist before a host is judged: fewer are typing mistakes and dead links.</summary>
    public const int MinNames = 10;

    /// <summary>Shorter labels are too short to judge.</summary>
    private const int MinLabel = 6;

    private const int Remembered = 32;
    private const int SampleLength = 48;

    /// <summary>About 500 octets each.</summary>
    private const int MaxHosts = 65_536;

    /// <summary>Names count together this long: an algorithm that is patient for longer stays unseen.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly HostStates<State> _hosts = new(Math.Min(options.MaxHosts, MaxHosts));
    private readonly ServersSeen _servers = new();
    private readonly List<IpAddr> _due = [];

    public string Name => "dga";

    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>Algorithms make hundreds to thousands of names a day: one in ten of them is enough.</remarks>
    public int WorksTo => 10;

    public void Heard(in Flow flow, in DnsObservation observation)
    {
        if (!observation.IsResponse) return;
        _servers.Add(observation.Server);
        // What strangers ask our name servers is none of our business, and must not fill the table.
        if (!home.MayAccuse(observation.Client)) return;
        if (observation.ResponseCode == DnsNames.NoSuchName) Failed(flow, observation);
        else if (observation.ResponseCode == DnsNames.NoError && !observation.Addresses.IsEmpty) Resolved(flow, observation);
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var host in _due)
        {
            ref var state = ref _hosts.Find(host, now.Milliseconds32);
            if (Unsafe.IsNullRef(ref state)) continue;
            state.Queued = false;
            if (!_servers.Contains(host)) Judge(host, ref state, now, signs);
        }
        _due.Clear();
    }

    private void Failed(in Flow flow, in DnsObservation observation)
    {
        if (!TryJudge(observation.Name, out var domain)) return;
        ref var state = ref _hosts.FindOrAdd(observation.Client, flow.Start.Milliseconds32, out _);
        var second = flow.Start.Seconds32;
        // 0 is an empty place.
        var hash = (uint)NameText.Hash(domain.Domain) | 1;
        var oldest = 0;
        for (var i = 0; i < Remembered; i++)
        {
            if (state.Names[i].Hash == hash)
            {
                state.Names[i].Second = second;
                return;
            }
            if (state.Names[i].Second < state.Names[oldest].Second) oldest = i;
        }
        state.Names[oldest] = new FailedName { Hash = hash, Second = second, Cost = (float)OrdinaryNames.CostOf(domain.Label) };
        state.Total++;
        if (state.Names[oldest].Cost > OrdinaryNames.OddCost) state.KeepSample(domain.Domain);
        if (state.Queued || state.Total < Math.Max(MinNames, state.ToldAt + state.ToldAt / 2)) return;
        state.Queued = true;
        _due.Add(observation.Client);
    }

    /// <summary>The one name that exists among many that do not is where the controller is.</summary>
    private void Resolved(in Flow flow, in DnsObservation observation)
    {
        ref var state = ref _hosts.Find(observation.Client, flow.Start.Milliseconds32);
        if (Unsafe.IsNullRef(ref state) || state.Total < MinNames / 2 || !TryJudge(observation.Name, out var domain)) return;
        if (OrdinaryNames.CostOf(domain.Label) <= OrdinaryNames.OddCost) return;
        state.Found++;
        state.Controller = observation.Addresses[0];
    }

    private static bool TryJudge(ReadOnlySpan<byte> name, out RegisteredDomain domain) =>
        RegisteredDomain.TryFind(name, out domain) && domain.Label.Length >= MinLabel && !domain.Label.StartsWith("xn--"u8) && !BusyDomains.Contains(domain.Domain);

    private void Judge(IpAddr host, ref State state, Timestamp now, ISignSink signs)
    {
        Span<float> costs = stackalloc float[Remembered];
        var names = 0;
        var first = uint.MaxValue;
        foreach (ref readonly var name in state.Names)
        {
            if (name.Hash == 0 || (int)(now.Seconds32 - name.Second) >= Window.TotalSeconds) continue;
            costs[names++] = name.Cost;
            first = Math.Min(first, name.Second);
        }
        if (names < MinNames) return;
        costs = costs[..names];
        costs.Sort();
        var median = (costs[(names - 1) / 2] + costs[names / 2]) / 2;
        if (median <= OrdinaryNames.OddCost) return;
        var odd = costs.Length - costs.IndexOfAnyInRange((float)OrdinaryNames.OddCost, float.MaxValue);
        state.ToldAt = state.Total;
        var sample = NameText.Of(state.SampleOf());
        var found = state.Found == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {state.Found} names of that kind do exist, the last at {state.Controller}");
        signs.Add(new Sign
        {
            Behaviour = Name,
            Name = SignNames.Dga,
            Family = SignNames.FamilyOf(SignNames.Dga),
            Weight = SignNames.WeightOf(SignNames.Dga),
            // Ten odd names in a row are no accident; what is left is a mail server that looks up senders who do not exist.
            Confidence = state.Found > 0 ? 0.99 : 0.96,
            Confirmed = true,
            Host = host,
            From = Timestamp.FromUnixSeconds(first),
            To = now,
            Because = string.Create(CultureInfo.InvariantCulture,
                $"asked for {names} names within {(now.Seconds32 - first) / 60.0:0.#} minutes that nobody has registered, such as {sample}; {odd} of them cost more than {OrdinaryNames.OddCost} bits a letter, as one ordinary name in a hundred does (median {median:0.0}){found}"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {MinNames} names in {Window.TotalMinutes:0} minutes, or at a median of at most {OrdinaryNames.OddCost} bits a letter"),
            Inputs = [new("names", names), new("odd-names", odd), new("median-bits", median), new("found", state.Found)],
            WorksTo = WorksTo,
            SamplingRate = 1,
            Packets = state.Total,
            SampledPackets = state.Total,
            Target = state.Found > 0 ? new Prefix(state.Controller, state.Controller.Bits) : null,
        });
    }

    private struct FailedName
    {
        public uint Hash;
        public uint Second;
        public float Cost;
    }

    [InlineArray(Remembered)]
    private struct FailedNames
    {
        private FailedName _first;
    }

    [InlineArray(SampleLength)]
    private struct SampleText
    {
        private byte _first;
    }

    private struct State : IHostState
    {
        public FailedNames Names;
        public SampleText Sample;
        public byte SampleLength;
        public bool Queued;
        public int Total;
        public int ToldAt;
        public int Found;
        public IpAddr Controller;

        public readonly int Worth => Total;

        public void KeepSample(ReadOnlySpan<byte> name)
        {
            SampleLength = (byte)Math.Min(name.Length, DgaBehaviour.SampleLength);
            name[..SampleLength].CopyTo(Sample);
        }

        [UnscopedRef]
        public readonly ReadOnlySpan<byte> SampleOf() => ((ReadOnlySpan<byte>)Sample)[..SampleLength];
    }
}
