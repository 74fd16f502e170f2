namespace Breakwater.Server.Hosting;

/// <summary>Where the traffic comes from that a service watches.</summary>
public enum TrafficKind
{
    /// <summary>Flow ports and live capture, as configured.</summary>
    Live,

    /// <summary>The seeded traffic simulator, in real time.</summary>
    Simulated,

    /// <summary>Capture files, in their own time.</summary>
    Replayed,
}

/// <param name="Kind">Which of them.</param>
/// <param name="Files">The captures to replay; empty for the others.</param>
public sealed record TrafficSource(TrafficKind Kind, IReadOnlyList<string> Files)
{
    public static TrafficSource Live { get; } = new(TrafficKind.Live, []);
    public static TrafficSource Simulated { get; } = new(TrafficKind.Simulated, []);
    public static TrafficSource Replay(IReadOnlyList<string> files) => new(TrafficKind.Replayed, files);
}
