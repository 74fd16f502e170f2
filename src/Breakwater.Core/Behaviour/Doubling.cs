namespace Breakwater.Core.Behaviour;

/// <summary>When something that is counted is told: the first time it is enough, and then each time there is twice as much.</summary>
internal static class Doubling
{
    /// <param name="count">So many by now.</param>
    /// <param name="first">So many are enough.</param>
    public static bool IsDue(int count, int first) => count == first || (count > first && int.IsPow2(count));
}
