using System.Diagnostics.CodeAnalysis;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>The last step before any mitigator, and the only maker of a <see cref="ClearedMitigation"/>.</summary>
public sealed class GuardRails
{
    private readonly IReadOnlyList<IGuardRail> _rails = [new ModeRail()];

    /// <summary>Names of the rails, in the order in which they are asked.</summary>
    public IReadOnlyList<string> Names => [.. _rails.Select(r => r.Name)];

    /// <summary>Asks every rail.</summary>
    /// <param name="cleared">What a mitigator accepts; null when a rail refused.</param>
    /// <param name="refusal">The first refusal.</param>
    public bool TryClear(Mitigation mitigation, RailContext context, [NotNullWhen(true)] out ClearedMitigation? cleared, out Refusal refusal)
    {
        cleared = null;
        refusal = default;
        foreach (var rail in _rails)
        {
            if (rail.Refuse(mitigation, context) is not { } reason) continue;
            refusal = new Refusal(rail.Name, reason);
            return false;
        }
        cleared = new ClearedMitigation(mitigation);
        return true;
    }
}
