using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Behaviour.Spoofing;
using Breakwater.Core.Sharing;

namespace Breakwater.Core.Behaviour;

/// <summary>What behaviours know beside traffic. Others fill it, on threads of their own; what nobody fills is empty.</summary>
public sealed class Surroundings
{
    /// <summary>What others know to be bad.</summary>
    public KnownBadBoard KnownBad { get; init; } = new();

    /// <summary>Which addresses anybody routes.</summary>
    public RoutedSpaceBoard Routed { get; init; } = new();

    /// <summary>What suspected reflectors said when they were asked.</summary>
    public ConfirmationBoard Confirmations { get; init; } = new();
}
