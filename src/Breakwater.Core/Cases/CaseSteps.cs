namespace Breakwater.Core.Cases;

/// <summary>What may be done about a case where it stands.</summary>
/// <remarks>RFC 6561 §5 and §6: told, into the walled garden, cleaned, looked at again.</remarks>
public static class CaseSteps
{
    /// <summary>Where a case stands after a step; null where the step makes no sense.</summary>
    public static CaseState? After(this CaseState state, CaseStep step) => (step, state) switch
    {
        (CaseStep.Notify, CaseState.Open) => CaseState.Notified,
        // To be told again changes nothing but the history.
        (CaseStep.Notify, CaseState.Notified or CaseState.Walled) => state,
        (CaseStep.Wall, CaseState.Open or CaseState.Notified or CaseState.Recheck) => CaseState.Walled,
        (CaseStep.Release, CaseState.Walled) => CaseState.Watching,
        (CaseStep.Claim, CaseState.Open or CaseState.Notified or CaseState.Walled) => CaseState.Recheck,
        (CaseStep.Close, not CaseState.Closed) => CaseState.Closed,
        _ => null,
    };

    /// <summary>The steps that make sense, in the order in which they are usually taken.</summary>
    public static IEnumerable<CaseStep> Possible(this CaseState state) => Enum.GetValues<CaseStep>().Where(step => state.After(step) is not null);
}
