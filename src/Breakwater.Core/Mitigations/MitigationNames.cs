namespace Breakwater.Core.Mitigations;

/// <summary>The words outsiders see for actions. Changing one breaks them.</summary>
public static class MitigationNames
{
    public static string Name(this MitigationAction action) => action switch
    {
        MitigationAction.RateLimit => "rate-limit",
        MitigationAction.Drop => "drop",
        MitigationAction.Divert => "divert",
        MitigationAction.Blackhole => "blackhole",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    /// <summary>Finds the action that a name stands for; false for a name outside the closed list.</summary>
    public static bool TryParseAction(string name, out MitigationAction action)
    {
        foreach (var value in Enum.GetValues<MitigationAction>())
        {
            action = value;
            if (value.Name() == name) return true;
        }
        action = default;
        return false;
    }
}
