using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Detection;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Hands live events to every client that follows them. Each event is written once, whoever listens; detection never waits.</summary>
internal sealed class EventBroadcaster : BackgroundService
{
    /// <summary>Events that may wait for one client: about a minute of a quiet network. A client further behind is let go, and comes again.</summary>
    public const int MaxBehind = 128;

    private readonly LiveState _live;
    private readonly ApiOptions _options;
    private readonly ConcurrentDictionary<EventClient, bool> _clients = [];

    // When full, incidents are what must arrive: but then no client keeps up, and each is let go and starts afresh.
    private readonly Channel<object> _changes = Channel.CreateBounded<object>(
        new BoundedChannelOptions(4096) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    public EventBroadcaster(LiveState live, ApiOptions options)
    {
        _live = live;
        _options = options;
        live.IncidentChanged += Queue;
        live.TrafficChanged += Queue;
        live.MitigationChanged += Queue;
    }

    public int Clients => _clients.Count;

    /// <returns>A client that has heard the newest traffic already; null when there are as many clients as allowed.</returns>
    public EventClient? Join()
    {
        if (_clients.Count >= _options.MaxEventClients) return null;
        var client = new EventClient(this);
        client.Offer(Event(_live.Traffic));
        _clients[client] = true;
        return client;
    }

    public void Leave(EventClient client) => _clients.TryRemove(client, out _);

    public override void Dispose()
    {
        _live.IncidentChanged -= Queue;
        _live.TrafficChanged -= Queue;
        _live.MitigationChanged -= Queue;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in _changes.Reader.ReadAllAsync(stoppingToken)) Broadcast(change);
        }
        catch (OperationCanceledException)
        {
            foreach (var client in _clients.Keys) client.LetGo();
        }
    }

    private void Queue(object change)
    {
        if (!_clients.IsEmpty) _changes.Writer.TryWrite(change);
    }

    private void Broadcast(object change)
    {
        var written = Event(change);
        foreach (var client in _clients.Keys)
            if (!client.Offer(written)) client.LetGo();
    }

    /// <summary>One event as it goes over the wire (HTML, server-sent events, "event stream format").</summary>
    private static byte[] Event(object change)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(change switch
        {
            Incident => "event: incident\ndata: "u8,
            Mitigation => "event: mitigation\ndata: "u8,
            _ => "event: traffic\ndata: "u8,
        });
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (change is Incident incident) IncidentJson.Write(json, incident, IncidentDetail.Summary);
            else if (change is Mitigation mitigation) MitigationLifeJson.Write(json, mitigation);
            else TrafficJson.Write(json, (TrafficSnapshot)change);
        }
        buffer.Write("\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>One client's share of the events.</summary>
internal sealed class EventClient(EventBroadcaster broadcaster) : IDisposable
{
    private readonly Channel<byte[]> _events = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(EventBroadcaster.MaxBehind) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public ChannelReader<byte[]> Events => _events.Reader;

    /// <returns>False when the client is too far behind.</returns>
    public bool Offer(byte[] written) => _events.Writer.TryWrite(written);

    /// <summary>No more events will come.</summary>
    public void LetGo()
    {
        broadcaster.Leave(this);
        _events.Writer.TryComplete();
    }

    public void Dispose() => LetGo();
}
