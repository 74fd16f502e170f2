namespace Breakwater.Core.Behaviour;

/// <summary>Signs that a behaviour saw between two ticks.</summary>
internal static class WaitingSigns
{
    /// <summary>Says them all, and has none left.</summary>
    public static void TellTo(this List<Sign> waiting, ISignSink signs)
    {
        foreach (var sign in waiting) signs.Add(sign);
        waiting.Clear();
    }
}
