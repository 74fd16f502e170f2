using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>Finds hosts of ours that answer everybody, and much more than they were asked: others use them to amplify attacks.</summary>
/// <remarks>
/// UDP source ports of <see cref="Vectors.Reflection"/>. Sums of both directions, not conversations: so it works where most packets are never seen. Where only answers
/// are seen (a router that exports one direction) there is no ratio, and it says so with less confidence.
/// </remarks>
/// <param name="confirmations">What suspects said when they were asked.</param>
public sealed class ReflectorBehaviour(ReflectorOptions options, HomeNetwork home, ConfirmationBoard confirmations) : IBehaviour, IWatchFlows
{
    private const byte Udp = 17;

    /// <summary>Share of requests among packets below which they are as good as unseen.</summary>
    private const double FewRequests = 0.05;

    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(IpAddr Host, ushort Port), AnsweringService> _services = [];
    private readonly List<AnsweringService> _dirty = [];
    private ConfirmationSet _confirmed = ConfirmationSet.Empty;

    public string Name => "reflector";
    public ContactEvents Wants => ContactEvents.None;
    public int WorksTo => 1_000;

    /// <summary>Services that had to make room.</summary>
    public long Forgotten { get; private set; }

    public void Watch(ReadOnlySpan<Flow> flows, ITelemetryHealth? exporters)
    {
        foreach (ref readonly var flow in flows)
        {
            if (flow.Protocol != Udp || (Vectors.ReflectionBit(flow.SourcePort) | Vectors.ReflectionBit(flow.DestinationPort)) == 0) continue;
            Look(flow);
        }
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        TakeUpConfirmations();
        for (var i = _dirty.Count - 1; i >= 0; i--)
        {
            var service = _dirty[i];
            if (service.ToldAt != Timestamp.Min && now - service.ToldAt < Pace) continue;
            service.IsDirty = false;
            _dirty.RemoveAt(i);
            if (Judge(service) is not { } sign) continue;
            service.ToldAt = now;
            signs.Add(sign);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Look(in Flow flow)
    {
        if (home.GroupOf(flow.Source) < 0)
        {
            // Only ours are known, so the destination need not be looked for. A flood of answers from outside ends here.
            if (Vectors.ReflectionBit(flow.DestinationPort) != 0 && _services.TryGetValue((flow.Destination, flow.DestinationPort), out var asked)) asked.Request(flow);
            return;
        }
        if (Vectors.ReflectionBit(flow.SourcePort) == 0 || home.GroupOf(flow.Destination) >= 0 || Bogons.IsMulticastOrBroadcast(flow.Destination)) return;
        var service = Find(flow.Source, flow.SourcePort, flow.End);
        if (!service.IsDirty) _dirty.Add(service);
        service.Answer(flow);
    }

    /// <summary>What was told and has been asked since is told again.</summary>
    private void TakeUpConfirmations()
    {
        var before = _confirmed;
        _confirmed = confirmations.Current;
        if (ReferenceEquals(before, _confirmed)) return;
        foreach (var service in _services.Values)
        {
            if (service.ToldAt == Timestamp.Min || ReferenceEquals(before.Of(service.Host, service.Port), _confirmed.Of(service.Host, service.Port))) continue;
            service.ToldAt = Timestamp.Min;
            if (service.IsDirty) continue;
            service.IsDirty = true;
            _dirty.Add(service);
        }
    }

    private AnsweringService Find(in IpAddr host, ushort port, Timestamp now)
    {
        if (_services.TryGetValue((host, port), out var known)) return known;
        if (_services.Count >= options.MaxServices) MakeRoom(now);
        return _services[(host, port)] = new AnsweringService(host, port, options.Clients);
    }

    /// <summary>Forgets all that are quiet, else the quieter half: each place is then paid for once.</summary>
    private void MakeRoom(Timestamp now)
    {
        var quiet = _services.Where(s => now - s.Value.Last > AnsweringService.Window).Select(s => s.Key).ToArray();
        if (quiet.Length == 0)
        {
            quiet = [.. _services.OrderBy(s => s.Value.Last).ThenBy(s => s.Key.Host).ThenBy(s => s.Key.Port).Take((_services.Count + 1) / 2).Select(s => s.Key)];
            Forgotten += quiet.Length;
        }
        foreach (var key in quiet) _services.Remove(key);
        _dirty.RemoveAll(s => !_services.ContainsKey((s.Host, s.Port)));
    }

    private Sign? Judge(AnsweringService service)
    {
        var clients = service.ClientsAt(service.Last);
        if (clients < options.Clients) return null;
        var seen = service.RequestPackets >= FewRequests * service.AnswerPackets && service.RequestBytes > 0;
        var ratio = seen ? (double)service.AnswerBytes / service.RequestBytes : 0;
        if (seen ? ratio < options.Ratio : IsPeerToPeer(service.Port)) return null;
        var asked = _confirmed.Of(service.Host, service.Port);
        var confirmed = asked is { Verdict: ConfirmationVerdict.Answered };
        var name = Vectors.ReflectionAt(service.Port)!.Service;
        var mean = service.AnswerPackets == 0 ? 0 : (double)service.AnswerBytes / service.AnswerPackets;
        return new Sign
        {
            Behaviour = Name,
            Name = SignNames.OpenReflector,
            Service = service.Port,
            Family = SignFamily.Exposure,
            Host = service.Host,
            Confidence = confirmed ? 0.99 : seen ? 0.9 : 0.5,
            From = service.First,
            To = service.Last,
            Because = string.Create(CultureInfo.InvariantCulture, $"its {name} at UDP port {service.Port} answered {options.Clients} or more addresses elsewhere within ten minutes, {(seen ? $"{ratio:0.#} octets for each octet asked (>= {options.Ratio:0.#})" : "requests not seen")}; answers have {mean:0} octets on average{asked?.Because}"),
            Counterfactual = seen
                ? string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {options.Clients} addresses in ten minutes, or below {options.Ratio:0.#} octets for each asked")
                : string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {options.Clients} addresses in ten minutes; would be sure or silent were the requests seen"),
            Inputs =
            [
                new("port", service.Port), new("clients", clients), new("byteRatio", Math.Round(ratio, 2)), new("answerBytes", service.AnswerBytes), new("requestBytes", service.RequestBytes),
                new("answerPackets", service.AnswerPackets), new("requestPackets", service.RequestPackets), new("meanAnswer", Math.Round(mean)),
                .. asked?.Inputs ?? [],
            ],
            WorksTo = WorksTo,
            SamplingRate = service.SamplingRate,
            // Where home was guessed, it may be somebody else's.
            Direct = new DirectIncident(IncidentKind.Reflector, (seen || confirmed) && !home.IsInferred ? Severity.Medium : Severity.Low),
            Packets = service.AnswerPackets,
            SampledPackets = service.Sampled,
            Flows = [.. service.Flows],
        };
    }

    /// <summary>Both ends use the port: a client at home looks the same as a server when only one direction is seen. NTP, IKE, DHT.</summary>
    private static bool IsPeerToPeer(ushort port) => port is 123 or 500 or 4500 or 520 or 1194 or 5353 or 6881;
}
