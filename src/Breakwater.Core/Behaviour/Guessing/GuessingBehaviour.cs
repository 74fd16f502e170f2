using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>Finds hosts that try passwords: many short conversations with one service that asks for them, alike as refused attempts are.</summary>
/// <remarks>
/// Works on flows: refused attempts are flat in packets and octets, as Sperotto et al., "Hidden Markov Model Modeling of SSH Brute-Force Attacks" (DSOM 2009), and SSHCure
/// describe them. Work that looks the same (scripts that log in again and again) is told by its clock, where it has one; else it needs an exception. Of the web, packets tell.
/// </remarks>
public sealed class GuessingBehaviour : IBehaviour, IHear<ServiceBanner>, IHear<WebLogin>, IHear<WebAnswer>, IDisposable
{
    public const string PartName = "guessing";

    /// <summary>Packets must all be seen for a conversation's size to say something.</summary>
    internal const int WorksToSampling = 10;

    /// <summary>Share of the attempts that must be alike.</summary>
    private const double Alike = 0.8;

    /// <summary>Attempts from which a pair is looked at closely.</summary>
    private const int Suspicious = 3;

    /// <summary>Attempts at which nothing else is left to think: Slips' number.</summary>
    private const double Certain = 30;

    private readonly GuessingOptions _options;
    private readonly HostStates<Tally> _tallies;
    private readonly HostStates<Known> _banners;
    private readonly List<GuessSeries> _series = [];
    private readonly NamedOutsiders _outsiders;
    private readonly SpreadGuesses _spread;
    private readonly WebAttempts _web;

    public GuessingBehaviour(BehaviourOptions options, HomeNetwork home)
    {
        _options = options.Guessing;
        _tallies = new HostStates<Tally>(options.MaxHosts / 4);
        _banners = new HostStates<Known>(65_536);
        _outsiders = new NamedOutsiders(_options);
        _spread = new SpreadGuesses(_options, _outsiders);
        _web = new WebAttempts(home);
    }

    public string Name => PartName;
    public ContactEvents Wants => ContactEvents.Ended;
    public int WorksTo => WorksToSampling;

    public void Ended(in Contact contact)
    {
        if (contact.State != ContactState.Answered || (contact.Marks & ContactMarks.Midstream) != 0 || contact.ResponderPackets == 0) return;
        if (ServiceOf(contact) is not { } service) return;
        if (IsAttempt(contact, service))
        {
            if (contact.SamplingRate <= WorksToSampling) Attempt(contact, service, GuessSeries.SizeClass(contact.InitiatorBytes));
        }
        // Of what is merely cut off nothing is known.
        else if (contact.InitiatorPackets > service.MinPackets) Work(contact);
    }

    public void Heard(in Flow flow, in ServiceBanner observation)
    {
        if (AuthService.At(flow.Protocol, flow.SourcePort) is not null) return;
        _banners.FindOrAdd(ServerKey(flow.Source, flow.SourcePort), flow.Start.Milliseconds32, out _).Service = (byte)observation.Service;
    }

    public void Heard(in Flow flow, in WebLogin observation) => _web.Ask(flow, observation);

    public void Heard(in Flow flow, in WebAnswer observation)
    {
        if (_web.Answer(flow, observation, out var contact, out var service, out var alike)) Attempt(contact, service!, alike);
        else if (service is not null) Work(contact);
    }

    public void Dispose() => _web.Dispose();

    public void Tick(Timestamp now, ISignSink signs)
    {
        _spread.Tick(now, signs);
        foreach (var series in _series)
        {
            if (!series.IsDirty) continue;
            series.IsDirty = false;
            var grown = series.Attempts >= series.ToldAt + Math.Max(1, series.ToldAt / 2);
            if (!grown && now - series.ToldWhen < TimeSpan.FromMinutes(1)) continue;
            if (!Judge(series, now, signs)) continue;
            series.ToldAt = series.Attempts;
            series.ToldWhen = now;
        }
    }

    private void Attempt(in Contact contact, AuthService service, int alike)
    {
        var key = PairOf(contact);
        ref var tally = ref _tallies.FindOrAdd(key, contact.Start.Milliseconds32, out _);
        var seconds = contact.Start.Seconds32;
        if (seconds - tally.Since > GuessSeries.SlowWindowSeconds && seconds > tally.Since) (tally.Since, tally.Count) = (seconds, 0);
        if (tally.Count < byte.MaxValue) tally.Count++;
        if (tally.Count <= SpreadGuesses.FewAttempts) _spread.Add(contact, service, tally.Count == 1, alike);
        if (Find(tally.Series, key) is { } series)
        {
            series.Add(contact, alike);
            return;
        }
        if (tally.Count < Suspicious) return;
        // Those before are gone; this one stands for them.
        Start(key, contact, service, out tally.Series).Add(contact, alike, tally.Count);
    }

    private void Work(in Contact contact)
    {
        var key = PairOf(contact);
        ref var tally = ref _tallies.Find(key, contact.Start.Milliseconds32);
        if (!Unsafe.IsNullRef(ref tally) && Find(tally.Series, key) is { } series) series.Sessions++;
        _spread.AddSession(contact);
    }

    private bool Judge(GuessSeries series, Timestamp now, ISignSink signs)
    {
        var enough = Math.Ceiling(series.Service.Attempts * _options.Patience);
        var fast = series.MostRecent >= enough;
        if (!fast && series.MostSlow < Math.Max(enough, Certain * _options.Patience)) return false;
        var alike = series.Alikeness();
        if (alike < Alike || series.IsClockwork || series.Sessions > series.Attempts) return false;
        var span = (series.Last - series.First).TotalSeconds;
        signs.Add(new Sign
        {
            Behaviour = Name,
            Name = series.Service.Sign,
            Service = series.Target.GetHashCode() ^ series.Port,
            Family = SignFamily.BruteForce,
            Host = series.Host,
            Weight = series.IsHome ? SignNames.WeightOf(series.Service.Sign) : 0,
            Confidence = Math.Round(Math.Min(0.95, series.Attempts / Certain), 2),
            From = series.First,
            To = series.Last,
            Because = string.Create(CultureInfo.InvariantCulture,
                $"{Examination.Count(series.Attempts)} {(series.Service.IsWeb ? "logins at" : "short conversations with")} {series.Service.Word} on port {series.Port} of {series.Target} in {span:0} s, {Examination.Percent(alike)} of them {(series.Service.IsWeb ? "answered alike" : "alike in size")}, as refused attempts are: {(fast ? $"{series.MostRecent:0} within five minutes >= {enough:0}" : $"{series.MostSlow:0} within thirty minutes >= {Math.Max(enough, Certain * _options.Patience):0}")}"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {enough:0} in five minutes and {Certain * _options.Patience:0} in thirty, or of attempts at regular times, or of sizes of which fewer than {Alike * 100:0} % are alike"),
            Inputs = [new("attempts", series.Attempts), new("inFiveMinutes", Math.Round(series.MostRecent)), new("alike", Math.Round(alike, 3)), new("sessions", series.Sessions)],
            WorksTo = WorksToSampling,
            SamplingRate = series.SamplingRate,
            Direct = new DirectIncident(IncidentKind.BruteForce, SeverityOf(series, now)),
            Target = new Prefix(series.Target, series.Target.Bits),
            Packets = series.Packets,
            SampledPackets = series.SampledPackets,
            Flows = series.Flows,
        });
        return true;
    }

    private Severity SeverityOf(GuessSeries series, Timestamp now)
    {
        if (series.IsHome) return series.Attempts >= 10 * Certain ? Severity.High : Severity.Medium;
        if (series.IsNamed) return Severity.Medium;
        var severity = _outsiders.Next(now);
        series.IsNamed = severity == Severity.Medium;
        return severity;
    }

    private AuthService? ServiceOf(in Contact contact)
    {
        if (AuthService.At(contact.Protocol, contact.ServicePort) is { } service) return service;
        if (_banners.Count == 0) return null;
        ref var known = ref _banners.Find(ServerKey(contact.Responder, contact.ServicePort), contact.Start.Milliseconds32);
        return Unsafe.IsNullRef(ref known) ? null : (BannerService)known.Service switch
        {
            BannerService.Ssh => AuthService.Ssh,
            BannerService.Vnc => AuthService.Vnc,
            _ => null,
        };
    }

    private static bool IsAttempt(in Contact contact, AuthService service) =>
        contact.InitiatorPackets >= service.MinPackets && contact.InitiatorPackets <= service.MaxPackets
        && contact.InitiatorBytes <= service.MaxRequest && contact.ResponderBytes <= service.MaxAnswer
        && contact.Duration <= AuthService.MaxDuration;

    private GuessSeries? Find(ushort number, IpAddr key) => number != 0 && _series[number - 1] is { } series && series.Key == key ? series : null;

    private GuessSeries Start(IpAddr key, in Contact contact, AuthService service, out ushort number)
    {
        var place = _series.Count;
        if (place < _options.MaxSeries) _series.Add(new GuessSeries());
        else
        {
            // Others make room for ours, and of equals the one quiet for longest.
            place = 0;
            for (var i = 1; i < _series.Count; i++)
                if (_series[i].IsHome != _series[place].IsHome ? _series[place].IsHome : _series[i].Last < _series[place].Last) place = i;
        }
        number = (ushort)(place + 1);
        _series[place].Begin(key, contact, service);
        return _series[place];
    }

    /// <summary>128 bits that stand for the two hosts and the service: by chance two pairs share them never.</summary>
    private static IpAddr PairOf(in Contact contact) => new(
        contact.Initiator.Hash64() + contact.ServicePort * 0x9E37_79B9_7F4A_7C15, contact.Responder.Hash64() ^ (ulong)contact.Protocol << 56);

    private static IpAddr ServerKey(in IpAddr server, ushort port) => new(server.Hash64(), (ulong)port << 48 | 1);

    private struct Tally : IHostState
    {
        public uint Since;
        public ushort Series;
        public byte Count;
        public readonly int Worth => Series != 0 ? 2 : Count > 1 ? 1 : 0;
    }

    private struct Known : IHostState
    {
        public byte Service;
        public readonly int Worth => 1;
    }
}
