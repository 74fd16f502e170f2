namespace Breakwater.Core.Cases;

/// <summary>The words outsiders see. Changing one breaks them.</summary>
public static class CaseNames
{
    public static string Name(this CaseState state) => state switch
    {
        CaseState.Open => "open",
        CaseState.Notified => "notified",
        CaseState.Walled => "walled",
        CaseState.Recheck => "recheck",
        CaseState.Watching => "watching",
        CaseState.Closed => "closed",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static string Name(this CaseStep step) => step switch
    {
        CaseStep.Notify => "notify",
        CaseStep.Wall => "wall",
        CaseStep.Release => "release",
        CaseStep.Claim => "claim",
        CaseStep.Close => "close",
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    /// <summary>False for a name outside the closed list.</summary>
    public static bool TryParseState(string name, out CaseState state)
    {
        foreach (var value in Enum.GetValues<CaseState>())
        {
            state = value;
            if (value.Name() == name) return true;
        }
        state = default;
        return false;
    }
}
