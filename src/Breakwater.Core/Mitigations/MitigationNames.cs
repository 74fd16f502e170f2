namespace Breakwater.Core.Mitigations;

/// <summary>The words outsiders see for actions, states, origins and modes. Changing one breaks them.</summary>
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

    public static string Name(this MitigationState state) => state switch
    {
        MitigationState.Proposed => "proposed",
        MitigationState.Approved => "approved",
        MitigationState.Active => "active",
        MitigationState.Withdrawn => "withdrawn",
        MitigationState.Expired => "expired",
        MitigationState.Failed => "failed",
        MitigationState.Refused => "refused",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static string Name(this MitigationOrigin origin) => origin switch
    {
        MitigationOrigin.Incident => "incident",
        MitigationOrigin.Operator => "operator",
        MitigationOrigin.DotsClient => "dots-client",
        MitigationOrigin.Feed => "feed",
        MitigationOrigin.CallHome => "call-home",
        _ => throw new ArgumentOutOfRangeException(nameof(origin)),
    };

    public static string Name(this MitigationMode mode) => mode switch
    {
        MitigationMode.Observe => "observe",
        MitigationMode.Suggest => "suggest",
        MitigationMode.Approve => "approve",
        MitigationMode.Automatic => "automatic",
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    public static string Name(this DeadMan deadMan) => deadMan switch
    {
        DeadMan.Withdraw => "withdraw",
        DeadMan.Keep => "keep",
        _ => throw new ArgumentOutOfRangeException(nameof(deadMan)),
    };

    /// <summary>Finds the action that a name stands for; false for a name outside the closed list.</summary>
    public static bool TryParseAction(string name, out MitigationAction action) => TryParse(name, Name, out action);

    public static bool TryParseState(string name, out MitigationState state) => TryParse(name, Name, out state);

    public static bool TryParseOrigin(string name, out MitigationOrigin origin) => TryParse(name, Name, out origin);

    public static bool TryParseDeadMan(string name, out DeadMan deadMan) => TryParse(name, Name, out deadMan);

    private static bool TryParse<T>(string name, Func<T, string> nameOf, out T found) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            found = value;
            if (nameOf(value) == name) return true;
        }
        found = default;
        return false;
    }
}
