namespace Breakwater.Fuzz;

/// <summary>How long to fuzz one target, and what counts as failure.</summary>
public sealed record FuzzOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>Inputs to feed; 0 for no limit.</summary>
    public long Count { get; init; }

    /// <summary>Time to feed for; zero for no limit.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Inputs between two looks at the memory.</summary>
    public long Window { get; init; } = 200_000;

    /// <summary>An input that takes longer than this, twice, is a hang.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Octets that the parser may hold on to beyond what it held before the first input.</summary>
    /// <remarks>Template and sampling tables fill up to their bounds; a leak of four octets an input passes this within ten million.</remarks>
    public long RetainedLimit { get; init; } = 32 << 20;
}
