using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Mitigations;

/// <summary>Section <c>mitigation.policy</c>: how the ladder is climbed where the modes allow it.</summary>
public sealed class PolicyOptions : IValidatableObject
{
    /// <summary>How long a mitigation runs before it must be renewed by fresh evidence; doubles with each recurrence up to <c>rails.max_ttl</c>.</summary>
    /// <remarks>What a rule hides from us looks as if it were over. When its time is up and the attack is not, that shows within a second, and it is back for twice as long.</remarks>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Ttl { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after it was applied a mitigation is judged by what it did.</summary>
    /// <remarks>Routers take seconds to install a rule, and exporters seconds more to tell of it.</remarks>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan JudgeAfter { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Share of the attack that must be gone for a mitigation to have helped.</summary>
    [Range(0.05, 1.0)]
    public double HelpfulShare { get; set; } = 0.5;

    /// <summary>Whether what did not help is followed by the next rung of the ladder: rate-limit, drop, divert, blackhole.</summary>
    public bool Escalate { get; set; } = true;

    /// <summary>What becomes of mitigations when Breakwater dies or stops.</summary>
    public DeadManOptions OnDeath { get; set; } = new();

    /// <summary>Mitigations kept in memory, those that are over included.</summary>
    [Range(100, 1_000_000)]
    public int MaxKept { get; set; } = 20_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (JudgeAfter >= Ttl) yield return new ValidationResult("is not shorter than ttl: nothing would ever be judged", [nameof(JudgeAfter)]);
    }
}

/// <summary>Section <c>mitigation.policy.on_death</c>: what stays when nobody watches it any more.</summary>
public sealed class DeadManOptions
{
    /// <summary>Rate limits when nobody watches.</summary>
    public DeadMan RateLimit { get; set; }

    /// <summary>Drops when nobody watches.</summary>
    public DeadMan Drop { get; set; }

    /// <summary>Diversions when nobody watches.</summary>
    public DeadMan Divert { get; set; }

    /// <summary>Blackholes when nobody watches: one that outlives its detector is an outage.</summary>
    public DeadMan Blackhole { get; set; }

    public DeadMan Of(MitigationAction action) => action switch
    {
        MitigationAction.RateLimit => RateLimit,
        MitigationAction.Drop => Drop,
        MitigationAction.Divert => Divert,
        _ => Blackhole,
    };
}
