using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>Section <c>behaviour.guessing</c>: hosts that try passwords.</summary>
public sealed class GuessingOptions
{
    /// <summary>Pairs of host and service with repeated attempts that are looked at closely at the same time.</summary>
    /// <remarks>Each costs about 2 KiB.</remarks>
    [Range(16, 60_000)]
    public int MaxSeries { get; set; } = 2_048;

    /// <summary>Factor on the number of attempts that each service allows.</summary>
    /// <remarks>1 is what the literature says; 3 is for networks in which scripts log in all day.</remarks>
    [Live]
    [Range(0.1, 100.0)]
    public double Patience { get; set; } = 1;

    /// <summary>Guessers elsewhere that become incidents of medium severity in one hour; more are of low severity.</summary>
    /// <remarks>Whatever listens on the Internet is guessed at all day.</remarks>
    [Live]
    [Range(0, 1_000_000)]
    public int MaxGuessersAnHour { get; set; } = 20;
}
