using Breakwater.Core.Flows;

namespace Breakwater.Core.Behaviour;

/// <summary>Which events of conversations a behaviour wants to hear of; each costs a call a conversation.</summary>
[Flags]
public enum ContactEvents : byte
{
    None = 0,
    Began = 1,
    Answered = 2,
    Ended = 4,
}

/// <summary>Watches how hosts behave, over conversations, and says which of them take part in automated attacks.</summary>
/// <remarks>
/// Called on the detection loop's thread, told the time, deterministic. Holds its own state, bounded by its options; allocates nothing for
/// ordinary traffic once warm. What packets say beyond headers it hears by <see cref="IHear{T}"/>. Must not throw.
/// </remarks>
public interface IBehaviour
{
    /// <summary>The key in the configuration and the label of metrics.</summary>
    string Name { get; }

    /// <summary>Constant: read once.</summary>
    ContactEvents Wants { get; }

    /// <summary>The coarsest sampling, as N of 1:N, that it still works with; beyond it the engine says that it is blind.</summary>
    int WorksTo { get; }

    /// <summary>The initiator's first packet was seen.</summary>
    void Began(in Contact contact) { }

    /// <summary>The responder answered or refused for the first time: <see cref="Contact.State"/> tells which.</summary>
    void Answered(in Contact contact) { }

    /// <summary>It is over: closed, idle, or made to leave (<see cref="ContactMarks.Evicted"/>). Told once, after <see cref="Began"/>.</summary>
    void Ended(in Contact contact) { }

    /// <summary>About once a second of the traffic's time, and when the capture is over.</summary>
    void Tick(Timestamp now, ISignSink signs);
}

/// <summary>Sees every flow, also those between strangers, before conversations are made of them.</summary>
/// <remarks>For what conversations do not tell: sums of one direction, interfaces. Asked for each batch: whoever has nothing to do must find out at once.</remarks>
public interface IWatchFlows
{
    /// <param name="exporters">Tells an exporter's address by its number; null where flows come from files.</param>
    void Watch(ReadOnlySpan<Flow> flows, ITelemetryHealth? exporters);
}

/// <summary>Hears what payload readers found in packets.</summary>
/// <typeparam name="T">What was found: <c>DnsObservation</c>, <see cref="SynFingerprint"/> … May be a ref struct over the packet's octets.</typeparam>
public interface IHear<T> where T : allows ref struct
{
    /// <param name="flow">The packet's flow, with addresses and time.</param>
    /// <param name="observation">Valid during the call only.</param>
    void Heard(in Flow flow, in T observation);
}

/// <summary>Takes the signs that behaviours see; the fusion decides what they come to.</summary>
public interface ISignSink
{
    /// <param name="sign">A claim; one with the same host, name and service replaces the former.</param>
    void Add(Sign sign);
}

/// <summary>A behaviour that looks into tables of many megabytes: asked for together, the cache misses of many conversations pass together.</summary>
internal interface IPrefetching
{
    /// <summary>Asks the processor to fetch what <see cref="IBehaviour.Answered"/> and <see cref="IBehaviour.Ended"/> of these conversations will look at: they come soon.</summary>
    /// <param name="events">What will be told of each.</param>
    void Prefetch(ReadOnlySpan<Contact> contacts, ReadOnlySpan<ContactEvents> events);
}
