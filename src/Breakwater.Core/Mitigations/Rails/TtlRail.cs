using System.Globalization;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Everything ends by itself, and soon.</summary>
public sealed class TtlRail(TimeSpan maxTtl) : IGuardRail
{
    public string Name => "ttl";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Expires <= context.Now) return "its time is up already";
        // Compared without subtracting: the difference of far moments does not fit.
        return mitigation.Expires > context.Now + maxTtl
            ? string.Create(CultureInfo.InvariantCulture, $"it would run until {mitigation.Expires}, which is more than {maxTtl.TotalMinutes:0.#} minutes from now")
            : null;
    }
}
