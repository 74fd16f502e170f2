namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Nothing is done that the operator has not switched on: four modes per host group and action.</summary>
public sealed class ModeRail : IGuardRail
{
    public string Name => "mode";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        var what = $"{mitigation.Action.Name()} is set to '{context.Mode.Name()}' for host group '{mitigation.HostGroup}'";
        var typed = mitigation.Origin == MitigationOrigin.Operator;
        return context.Mode switch
        {
            MitigationMode.Automatic => null,
            MitigationMode.Approve when typed || mitigation.Approvers.Count > 0 => null,
            MitigationMode.Approve => $"{what}, and nobody has approved it",
            MitigationMode.Suggest when typed => null,
            MitigationMode.Suggest => $"{what}: it is shown, and a person may type it",
            _ => $"{what}: nothing is sent anywhere",
        };
    }
}
