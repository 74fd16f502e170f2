namespace Breakwater.Core.Mitigations.Rails;

/// <summary>One thing that no mitigation may ever do, whoever wants it.</summary>
public interface IGuardRail
{
    /// <summary>What operators see: <c>owned-prefixes</c>, <c>never-touch</c> …</summary>
    string Name { get; }

    /// <summary>Why the mitigation must not be, in plain words with the numbers; null when this rail has nothing against it.</summary>
    string? Refuse(Mitigation mitigation, RailContext context);
}
