using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Behaviour;

/// <summary>Flows in, stories about hosts out: who scans, guesses passwords, obeys a controller. Runs beside the volume detectors, on their thread; told the time.</summary>
public sealed class BehaviourEngine : IContactListener, IObservationSink, IDisposable
{
    /// <summary>Flows whose places are asked for together: the cache misses of one pass while the others' are under way.</summary>
    private const int Stride = 64;

    /// <summary>Conversations that wait for their events to be told together.</summary>
    private const int MaxWaiting = 2 * Stride;

    /// <summary>Time between two ticks: the resolution of everything that behaviours measure.</summary>
    private static readonly TimeSpan TickLength = TimeSpan.FromSeconds(1);

    private readonly HomeNetwork _home;
    private readonly IReadOnlyList<IBehaviour> _behaviours;
    private readonly ContactHandler[] _onBegan;
    private readonly Hearer[] _hearers;
    private readonly ContactsHandler[] _prefetching;
    private readonly Contact[] _waiting = new Contact[MaxWaiting];
    private readonly ContactEvents[] _events = new ContactEvents[MaxWaiting];
    private int _waitingCount;

    /// <summary>Of a stride of flows, which conversation each is part of; 0 for one that is part of none, or of none of ours.</summary>
    private readonly ulong[] _hashes = new ulong[Stride];

    /// <summary>Where nobody else has looked them up.</summary>
    private readonly FlowGroups[] _groups = new FlowGroups[FlowBatch.Capacity];
    private readonly IPayloadReader[] _readers;
    private readonly FlowFilter[] _wants;
    private readonly IWatchFlows[] _watchers;
    private readonly ITelemetryHealth? _exporters;
    private readonly Dictionary<Type, object> _listeners = [];
    private readonly ContactTable _contacts;
    private readonly HostCases _cases;
    private readonly SamplingSeen _sampling = new();
    private Timestamp _now = Timestamp.Min;

    /// <summary>The same in milliseconds, going round.</summary>
    private uint _milliseconds;

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
        _onBegan = [.. behaviours.Where(b => (b.Wants & ContactEvents.Began) != 0).Select(b => (ContactHandler)b.Began)];
        _hearers = [.. behaviours.Select(Hearer.Of).Where(h => h.Wants != ContactEvents.None)];
        _prefetching = [.. behaviours.OfType<IPrefetching>().Select(b => (ContactsHandler)b.Prefetch)];
        _readers = [.. readers];
        _wants = [.. readers.Select(r => (FlowFilter)r.Wants)];
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
    public void Observe(FlowBatch batch)
    {
        for (var i = 0; i < batch.Count; i++) _groups[i] = new FlowGroups(_home.GroupOf(batch.Flows[i].Source), _home.GroupOf(batch.Flows[i].Destination));
        Observe(batch, _groups);
    }

    /// <param name="groups">Whose the ends of each flow are.</param>
    internal void Observe(FlowBatch batch, ReadOnlySpan<FlowGroups> groups)
    {
        var flows = batch.Flows;
        foreach (var watcher in _watchers) watcher.Watch(flows, _exporters);
        for (var from = 0; from < flows.Length; from += Stride)
        {
            var count = Math.Min(Stride, flows.Length - from);
            FindPlaces(flows.Slice(from, count), groups.Slice(from, count));
            Follow(batch, from, groups.Slice(from, count));
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
        _milliseconds = now.Milliseconds32;
        if (now < _nextTick) return;
        _nextTick = new Timestamp(now.Nanoseconds - now.Nanoseconds % Timestamp.NanosecondsPerSecond) + TickLength;
        _contacts.Sweep(_milliseconds);
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
        foreach (var began in _onBegan) began(contact);
    }

    void IContactListener.Changed(in Contact contact, ContactEvents events)
    {
        if (contact.Start <= _blindAt) events &= ~ContactEvents.Ended;
        if (events == ContactEvents.None) return;
        if (_waitingCount == MaxWaiting) TellWaiting();
        contact.CopyTo(ref _waiting[_waitingCount]);
        _events[_waitingCount++] = events;
    }

    void IObservationSink.Take<T>(in Flow flow, in T observation)
    {
        if (!_listeners.TryGetValue(typeof(T), out var listeners)) return;
        foreach (var listener in (List<object>)listeners) ((IHear<T>)listener).Heard(flow, observation);
    }

    /// <summary>Works out which conversation each flow is part of, and asks for where it is kept.</summary>
    private void FindPlaces(ReadOnlySpan<Flow> flows, ReadOnlySpan<FlowGroups> groups)
    {
        var hashes = _hashes.AsSpan(0, flows.Length);
        for (var i = 0; i < hashes.Length; i++)
        {
            var hash = groups[i].IsOurs ? ContactKey.Hash(flows[i]) : 0;
            hashes[i] = hash;
            if (hash != 0) _contacts.PrefetchSet(hash);
        }
        foreach (var hash in hashes)
            if (hash != 0) _contacts.PrefetchContact(hash);
    }

    private void Follow(FlowBatch batch, int from, ReadOnlySpan<FlowGroups> groups)
    {
        var flows = batch.Flows.Slice(from, groups.Length);
        var hasPackets = _readers.Length > 0 && !batch.PacketBytes.IsEmpty;
        for (var i = 0; i < flows.Length; i++)
        {
            ref readonly var flow = ref flows[i];
            var time = flow.Exporter == 0 ? flow.Start : batch.ReceivedAt;
            if (time > _now) Advance(time);
            if (_hashes[i] is var hash and not 0)
            {
                if (flow.SampledPackets < flow.Packets) _sampling.Observe(flow);
                _contacts.Observe(flow, hash, groups[i], _milliseconds);
            }
            if (hasPackets && (groups[i].IsOurs || IsWithoutAddress(flow))) Read(batch, from + i, flow);
        }
    }

    /// <summary>Tells the events of a stride of flows: to one behaviour after the other, each of them in the order in which they came.</summary>
    private void TellWaiting()
    {
        if (_waitingCount == 0) return;
        var waiting = _waiting.AsSpan(0, _waitingCount);
        var events = _events.AsSpan(0, _waitingCount);
        _waitingCount = 0;
        foreach (var prefetch in _prefetching) prefetch(waiting, events);
        foreach (ref readonly var hearer in _hearers.AsSpan())
        {
            for (var i = 0; i < waiting.Length; i++)
            {
                var told = events[i] & hearer.Wants;
                if ((told & ContactEvents.Answered) != 0) hearer.Answered(waiting[i]);
                if ((told & ContactEvents.Ended) != 0) hearer.Ended(waiting[i]);
            }
        }
    }

    /// <summary>A host that asks for its address by DHCP has none yet, and what it says about itself is worth hearing.</summary>
    private static bool IsWithoutAddress(in Flow flow) => flow.Source.IsV4 && flow.Source.V4Bits == 0;

    private void Read(FlowBatch batch, int index, in Flow flow)
    {
        var packet = batch.PacketOf(index, out _);
        if (packet.IsEmpty) return;
        for (var i = 0; i < _readers.Length; i++)
            if (_wants[i](flow)) _readers[i].Read(flow, packet, batch.LinkType, this);
    }

    private void Tick()
    {
        foreach (var behaviour in _behaviours) behaviour.Tick(_now, _cases);
        _cases.Tick(_now);
    }

    private delegate void ContactHandler(in Contact contact);

    private delegate bool FlowFilter(in Flow flow);

    private delegate void ContactsHandler(ReadOnlySpan<Contact> contacts, ReadOnlySpan<ContactEvents> events);

    /// <summary>A behaviour that wants more than beginnings. By delegates: a call by interface that goes to another behaviour each time costs several times as much.</summary>
    private readonly record struct Hearer(ContactEvents Wants, ContactHandler Answered, ContactHandler Ended)
    {
        public static Hearer Of(IBehaviour behaviour) => new(behaviour.Wants & (ContactEvents.Answered | ContactEvents.Ended), behaviour.Answered, behaviour.Ended);
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
