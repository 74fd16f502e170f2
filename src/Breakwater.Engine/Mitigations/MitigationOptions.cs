using Breakwater.Core.Mitigations;

namespace Breakwater.Engine.Mitigations;

/// <summary>Section <c>mitigation</c> of the configuration file: what may be done about attacks, and by what. Off until the modes say otherwise.</summary>
public sealed class MitigationOptions
{
    /// <summary>How far the policy goes by itself, for all host groups that say nothing else.</summary>
    public MitigationModes Modes { get; set; } = new();
}
