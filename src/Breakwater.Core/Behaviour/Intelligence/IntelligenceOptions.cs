using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Behaviour.Intelligence;

/// <summary>Section <c>behaviour.known_bad</c> of the configuration file: contacts with what feeds know to be bad.</summary>
public sealed class IntelligenceOptions
{
    /// <summary>Hosts of ours that talk to a listed address before the list is taken to be wrong about it.</summary>
    /// <remarks>A bot master has a few of a network's hosts; an update server or a web site that a list names by mistake has many.</remarks>
    [Range(2, 1_000_000)]
    public int PopularFrom { get; set; } = 20;
}
