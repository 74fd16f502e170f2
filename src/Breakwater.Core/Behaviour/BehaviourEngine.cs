using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Behaviour;

/// <summary>Flows in, stories about hosts out: who scans, guesses passwords, obeys a controller. Runs beside the volume detectors, on their thread; told the time.</summary>
public sealed class BehaviourEngine : IContactListener, IObservationSink, IDisposable
{
    private const int Stride = 64;

    /// <summary>Events that wait to be told together; a flow brings three at most.</summary>
    private const int MaxWaiting = 4 * Stride;

    /// <summary>Time between two ticks: the resolution of everything that behaviours measure.</summary>
    private static readonly TimeSpan TickLength = TimeSpan.FromSeconds(1);

    private readonly HomeNetwork _home;
    private readonly IReadOnlyList<IBehaviour> _behaviours;
    private readonly IBehaviour[] _onBegan, _onAnswered, _onEnded;
    private readonly Contact[] _waiting = new Contact[MaxWaiting];
    private readonly bool[] _isEnd = new bool[MaxWaiting];
    private int _waitingCount;
    private readonly IPrefetching[] _prefetching;
    private readonly IPayloadReader[] _readers;
    private readonly IWatchFlows[] _watchers;
    private readonly ITelemetryHealth? _exporters;
    private readonly Dictionary<Type, object> _listeners = [];
    private readonly ContactTable _contacts;
    private readonly HostCases _cases;
    private readonly SamplingSeen _sampling = new();
    private Timestamp _now = Timestamp.Min;
    /// <summary>The last time at which something was missed.</summary>
    private Timestamp _blindAt = Timestamp.Min;
    private Timestamp _nextTick = Timestamp.Min;

    /// <param name="home">The operator's network.</param>
    /// <param name="options">Section <c>behaviour</c>.</param>
    /// <param name="behaviours">In the order of the composition.</param>
    /// <param name="readers">Readers of what packets hold.</param>
    /// <param name="incidents">Hears of every change of a story.</param>
    /// <param name="exporters">Tells an exporter's address by its number; null where flows come from files.</param>
    public BehaviourEngine(HomeNetwork home, BehaviourOptions options, IReadOnlyList<IBehaviour> behaviours, IReadOnlyList<IPayloadReader> readers, IIncidentSink incidents, ITelemetryHealth? exporters = null)
    {
        _exporters = exporters;
        _home = home;
        _behaviours = behaviours;
        _onBegan = [.. behaviours.Where(b => (b.Wants & ContactEvents.Began) != 0)];
        _onAnswered = [.. behaviours.Where(b => (b.Wants & ContactEvents.Answered) != 0)];
        _onEnded = [.. behaviours.Where(b => (b.Wants & ContactEvents.Ended) != 0)];
        _prefetching = [.. behaviours.OfType<IPrefetching>()];
        _readers = [.. readers];
        _watchers = [.. behaviours.OfType<IWatchFlows>()];
        _contacts = new ContactTable(options.MaxContacts, this);
        _cases = new HostCases(options, home, Find<AssetFacts>() is { } assets ? new IntroducedIncidents(incidents, assets) : incidents);
        foreach (var behaviour in behaviours)
            foreach (var heard in behaviour.GetType().GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IHear<>)))
                ((List<object>)(_listeners.TryGetValue(heard.GenericTypeArguments[0], out var list) ? list : _listeners[heard.GenericTypeArguments[0]] = new List<object>())).Add(behaviour);
    }

    /// <summary>The newest time seen in traffic or told by <see cref="Advance"/>.</summary>
    public Timestamp Now => _now;

    /// <summary>Conversations followed now, those just closed included.</summary>
    public int Contacts => _contacts.Count;

    /// <summary>Conversations that had to make room before their time.</summary>
    public long ContactsEvicted => _contacts.Evicted;

    /// <summary>Hosts with something against them.</summary>
    public int Cases => _cases.Count;

    /// <summary>Flows that passed unseen because there was no time.</summary>
    public long FlowsMissed { get; private set; }

    /// <summary>Signs that found no room.</summary>
    public long SignsRefused => _cases.Refused;

    /// <summary>Behaviours that cannot see what they look for, because the traffic is sampled too coarsely, in words.</summary>
    public IReadOnlyList<string> BlindSpots => _sampling.BlindSpots(_behaviours);

    /// <summary>The part of that type; null where there is none.</summary>
    public TBehaviour? Find<TBehaviour>() where TBehaviour : class, IBehaviour => _behaviours.OfType<TBehaviour>().FirstOrDefault();

    /// <summary>Takes up stories that a former run left open.</summary>
    public void Resume(IEnumerable<Incident> incidents) => _cases.Resume(incidents);

    /// <summary>Takes up options that were changed in place: what is excepted now is withdrawn.</summary>
    public void TakeUpOptions() => _cases.TakeUpOptions(_now);

    /// <summary>Hears what the volume detectors say: an attack that one of ours takes part in is a sign, and what is under attack is not being scanned.</summary>
    public void Hear(Incident incident) => _cases.Hear(incident);

    /// <summary>Takes a batch to pieces.</summary>
    [SkipLocalsInit]
    public void Observe(FlowBatch batch)
    {
        var flows = batch.Flows;
        foreach (var watcher in _watchers) watcher.Watch(flows, _exporters);
        Span<Place> places = stackalloc Place[Stride];
        for (var from = 0; from < flows.Length; from += Stride)
        {
            var stride = flows.Slice(from, Math.Min(Stride, flows.Length - from));
            for (var i = 0; i < stride.Length; i++) places[i] = PlaceOf(stride[i]);
            for (var i = 0; i < stride.Length; i++)
                if (places[i].Hash != 0) _contacts.PrefetchContact(places[i].Hash);
            for (var i = 0; i < stride.Length; i++)
            {
                ref readonly var flow = ref stride[i];
                var time = flow.Exporter == 0 ? flow.Start : batch.ReceivedAt;
                if (time > _now) Advance(time);
                ref readonly var place = ref places[i];
                if (place.Hash != 0)
                {
                    if (flow.SampledPackets < flow.Packets) _sampling.Observe(flow);
                    _contacts.Observe(flow, place.Hash, place.SourceGroup, place.DestinationGroup, _now.Milliseconds32);
                }
                if (_readers.Length > 0 && (place.IsOurs || IsWithoutAddress(flow))) Read(batch, from + i, flow);
            }
            TellWaiting();
        }
    }

    /// <summary>Lets a batch pass unseen, because there is no time: what was going on meanwhile is not judged, for its other half may have been in there.</summary>
    public void Miss(FlowBatch batch)
    {
        if (batch.Count == 0) return;
        FlowsMissed += batch.Count;
        ref readonly var last = ref batch.Flows[^1];
        var time = last.Exporter == 0 ? last.Start : batch.ReceivedAt;
        if (time > _blindAt) _blindAt = time;
        Advance(time);
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(Timestamp now)
    {
        if (now <= _now) return;
        if (_now != Timestamp.Min && now - _now > ContactTable.LongestIdle) _contacts.Finish();
        _now = now;
        if (now < _nextTick) return;
        _nextTick = new Timestamp(now.Nanoseconds - now.Nanoseconds % Timestamp.NanosecondsPerSecond) + TickLength;
        _contacts.Sweep(now.Milliseconds32);
        TellWaiting();
        Tick();
    }

    /// <summary>Judges what is left.</summary>
    /// <param name="endIncidents">True when the capture is over; false keeps stories open for the next run.</param>
    public void Finish(bool endIncidents = true)
    {
        if (endIncidents) _contacts.Finish();
        TellWaiting();
        Tick();
        if (endIncidents) _cases.Finish(_now);
    }

    /// <summary>What speaks against each host now, by address.</summary>
    public IReadOnlyList<HostEvidence> Evidence() => _cases.Evidence();

    public void Dispose()
    {
        _contacts.Dispose();
        foreach (var behaviour in _behaviours) (behaviour as IDisposable)?.Dispose();
    }

    void IContactListener.Began(in Contact contact)
    {
        foreach (var behaviour in _onBegan) behaviour.Began(contact);
    }

    void IContactListener.Answered(in Contact contact) => Wait(contact, isEnd: false);

    void IContactListener.Ended(in Contact contact)
    {
        if (contact.Start > _blindAt) Wait(contact, isEnd: true);
    }

    void IObservationSink.Take<T>(in Flow flow, in T observation)
    {
        if (!_listeners.TryGetValue(typeof(T), out var listeners)) return;
        foreach (var listener in (List<object>)listeners) ((IHear<T>)listener).Heard(flow, observation);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Place PlaceOf(in Flow flow)
    {
        var place = new Place { SourceGroup = _home.GroupOf(flow.Source), DestinationGroup = _home.GroupOf(flow.Destination) };
        if (!place.IsOurs) return place;
        place.Hash = ContactKey.Hash(flow);
        if (place.Hash != 0) _contacts.PrefetchSet(place.Hash);
        return place;
    }

    /// <summary>Keeps an event, with the conversation as it is now, until a stride of flows is through.</summary>
    private void Wait(in Contact contact, bool isEnd)
    {
        if (_waitingCount == MaxWaiting) TellWaiting();
        _waiting[_waitingCount] = contact;
        _isEnd[_waitingCount++] = isEnd;
    }

    private void TellWaiting()
    {
        var waiting = _waiting.AsSpan(0, _waitingCount);
        for (var i = 0; i < waiting.Length; i++)
            foreach (var behaviour in _prefetching) behaviour.Prefetch(waiting[i], _isEnd[i]);
        for (var i = 0; i < waiting.Length; i++)
        {
            ref readonly var contact = ref waiting[i];
            if (_isEnd[i])
                foreach (var behaviour in _onEnded) behaviour.Ended(contact);
            else
                foreach (var behaviour in _onAnswered) behaviour.Answered(contact);
        }
        _waitingCount = 0;
    }

    /// <summary>A host that asks for its address by DHCP has none yet, and what it says about itself is worth hearing.</summary>
    private static bool IsWithoutAddress(in Flow flow) => flow.Source.IsV4 && flow.Source.V4Bits == 0;

    private void Read(FlowBatch batch, int index, in Flow flow)
    {
        var packet = batch.PacketOf(index, out _);
        if (packet.IsEmpty) return;
        foreach (var reader in _readers)
            if (reader.Wants(flow)) reader.Read(flow, packet, batch.LinkType, this);
    }

    private void Tick()
    {
        foreach (var behaviour in _behaviours) behaviour.Tick(_now, _cases);
        _cases.Tick(_now);
    }

    private struct Place
    {
        /// <summary>0 for a flow that is part of no conversation, or of one that is not ours.</summary>
        public ulong Hash;
        public short SourceGroup, DestinationGroup;

        public readonly bool IsOurs => (SourceGroup & DestinationGroup) >= 0;
    }
}

/// <summary>The coarsest sampling that traffic came with, by how much of it.</summary>
internal sealed class SamplingSeen
{
    private readonly long[] _flows = new long[32];

    /// <param name="flow">A flow with more packets than were seen.</param>
    public void Observe(in Flow flow) => _flows[Math.Min(31, System.Numerics.BitOperations.Log2((uint)Math.Min(flow.SamplingRate, int.MaxValue)))]++;

    /// <summary>What is blind at the sampling of most flows that were sampled.</summary>
    public IReadOnlyList<string> BlindSpots(IReadOnlyList<IBehaviour> behaviours)
    {
        var all = _flows.Sum();
        if (all == 0) return [];
        var passed = 0L;
        var rate = 0;
        while (passed * 2 < all) passed += _flows[rate++];
        var typical = 1L << (rate - 1);
        return [.. behaviours.Where(b => b.WorksTo < typical).Select(b => string.Create(CultureInfo.InvariantCulture,
            $"{b.Name}: works to a sampling of 1:{b.WorksTo}, and this traffic is sampled at about 1:{typical}: that nothing was found says nothing"))];
    }
}
