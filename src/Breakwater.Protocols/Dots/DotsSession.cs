using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>A signal channel session with one client, as the server sees it.</summary>
public sealed class DotsSession
{
    private static readonly DotsConfiguration Defaults = new();

    internal DotsSession(Timestamp now, CoapSession coap, DotsClientProfile client, int maxBody)
    {
        Coap = coap;
        Client = client;
        Opened = now;
        Blocks = new BlockAssembly(maxBody, maxParallel: 4);
        NextHeartbeat = now + TimeSpan.FromSeconds(Defaults.HeartbeatInterval);
    }

    public CoapSession Coap { get; }
    public DotsClientProfile Client { get; }

    /// <summary>True once it is over, one way or the other.</summary>
    public bool IsOver { get; internal set; }

    /// <summary>Heartbeats that the client sent and that we sent, and those of ours that nobody answered in a row.</summary>
    public long HeartbeatsReceived { get; internal set; }
    public long HeartbeatsSent { get; internal set; }
    public int HeartbeatsMissing { get; internal set; }

    internal Timestamp Opened { get; }
    internal BlockAssembly Blocks { get; }
    internal HashSet<string> Cuids { get; } = [];
    internal List<DotsObservation> Observations { get; } = [];
    internal DotsSessionConfiguration Configuration { get; set; } = new(Defaults, Defaults);
    internal uint? Sid { get; set; }
    internal Timestamp NextHeartbeat { get; set; }
    internal Timestamp LastHeartbeatReceived { get; set; } = Timestamp.Min;

    internal static DotsConfiguration DefaultConfiguration => Defaults;
}

/// <summary>Somebody wants to be told of changes of a resource.</summary>
internal sealed class DotsObservation
{
    public required ReadOnlyMemory<byte> Token { get; init; }
    public required DotsPath Path { get; init; }
    public required char Content { get; init; }
    public Timestamp LastSent { get; set; }

    /// <summary>Something has changed since it was last told.</summary>
    public bool IsDue { get; set; }
}
