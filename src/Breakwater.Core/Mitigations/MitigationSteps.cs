using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations.Rails;

namespace Breakwater.Core.Mitigations;

/// <summary>The steps of a mitigation's life. Each gives a new record; a step that is not possible from where it stands is a bug of the caller.</summary>
public static class MitigationSteps
{
    /// <summary>Notes that a person approved it. The same name counts once. The rails are asked next.</summary>
    public static Mitigation ApprovedBy(this Mitigation mitigation, string person)
    {
        Require(mitigation, mitigation.State == MitigationState.Proposed);
        return mitigation.Approvers.Contains(person) ? mitigation : mitigation with { Approvers = [.. mitigation.Approvers, person] };
    }

    /// <summary>The rails let it pass: mitigators are told of it from now on.</summary>
    public static Mitigation Approved(this ClearedMitigation cleared, Timestamp now)
    {
        Require(cleared.Mitigation, cleared.Mitigation.State == MitigationState.Proposed);
        return cleared.Mitigation with { State = MitigationState.Approved, Since = now, Activated = now };
    }

    /// <summary>A mitigator holds it.</summary>
    public static Mitigation Active(this Mitigation mitigation, Timestamp now)
    {
        Require(mitigation, mitigation.IsWanted);
        return mitigation.State == MitigationState.Active ? mitigation : mitigation with { State = MitigationState.Active, Since = now };
    }

    /// <summary>No mitigator holds it any more, or its peer lost it: it is on its way again.</summary>
    public static Mitigation Lost(this Mitigation mitigation, Timestamp now)
    {
        Require(mitigation, mitigation.State == MitigationState.Active);
        return mitigation with { State = MitigationState.Approved, Since = now };
    }

    /// <summary>Fresh evidence asks for more time. The rails bound <paramref name="expires"/>.</summary>
    public static Mitigation Renewed(this Mitigation mitigation, Timestamp expires)
    {
        Require(mitigation, !mitigation.IsOver);
        return mitigation with { Expires = expires };
    }

    /// <param name="why">Who, and why: "anna: false alarm".</param>
    public static Mitigation Withdrawn(this Mitigation mitigation, Timestamp now, string why) => Over(mitigation, MitigationState.Withdrawn, now, why);

    public static Mitigation Expired(this Mitigation mitigation, Timestamp now) =>
        Over(mitigation, MitigationState.Expired, now, "its time was up and nothing asked for more");

    public static Mitigation Failed(this Mitigation mitigation, Timestamp now, string why) => Over(mitigation, MitigationState.Failed, now, why);

    public static Mitigation Refused(this Mitigation mitigation, Timestamp now, Refusal refusal) =>
        Over(mitigation, MitigationState.Refused, now, refusal.Reason) with { RefusedBy = refusal.Rail };

    private static Mitigation Over(Mitigation mitigation, MitigationState state, Timestamp now, string outcome)
    {
        Require(mitigation, !mitigation.IsOver);
        return mitigation with { State = state, Since = now, Outcome = outcome };
    }

    private static void Require(Mitigation mitigation, bool possible)
    {
        if (!possible) throw new InvalidOperationException($"mitigation {mitigation.Id} is {mitigation.State.Name()}: this step is not possible");
    }
}
