namespace Breakwater.Core.Mitigations;

/// <summary>The mode of each host group for each action: the group's own, else everybody's, else <see cref="MitigationMode.Observe"/>.</summary>
public sealed class ModeTable(MitigationModes everybody, IReadOnlyDictionary<string, MitigationModes> groups)
{
    public MitigationMode Of(string hostGroup, MitigationAction action) =>
        groups.GetValueOrDefault(hostGroup)?.Of(action) ?? everybody.Of(action) ?? MitigationMode.Observe;

    /// <summary>True when nothing is switched on anywhere.</summary>
    public bool ObservesOnly =>
        groups.Values.Append(everybody).All(m => Enum.GetValues<MitigationAction>().All(a => (m.Of(a) ?? MitigationMode.Observe) == MitigationMode.Observe));
}
