using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>Section <c>behaviour.reflector</c>: hosts of ours that others can use to amplify attacks.</summary>
public sealed class ReflectorOptions
{
    /// <summary>Addresses elsewhere that are answered within ten minutes before a service counts as open to everybody.</summary>
    [Range(2, 1_000)]
    public int Clients { get; set; } = 20;

    /// <summary>Octets of answers for each octet asked with, from which a service amplifies.</summary>
    /// <remarks>As in NEMEA's detector. Time servers and game servers that behave answer about as much as they are asked.</remarks>
    [Live]
    [Range(1, 100_000)]
    public double Ratio { get; set; } = 5;

    /// <summary>Services that a suspected reflector within home is asked for, one harmless question each, to confirm that it answers. Empty: nobody is ever asked.</summary>
    /// <remarks>The only packets that Breakwater sends to hosts it watches. Never outside home, and never where home is guessed.</remarks>
    [Live]
    [MaxLength(6)]
    public IReadOnlyList<ReflectorQuestion> Confirm { get; set; } = [];

    /// <summary>Suspected reflectors asked in a minute at most.</summary>
    [Live]
    [Range(1, 600)]
    public int QuestionsPerMinute { get; set; } = 6;

    /// <summary>Time after which the same service is asked again while it is suspected: whether it has been closed.</summary>
    [Live]
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan AskAgain { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Services (host and port) looked at at the same time; those quiet for longest make room.</summary>
    /// <remarks>About 1 KiB each.</remarks>
    [Range(16, 1_000_000)]
    public int MaxServices { get; set; } = 4_096;
}
