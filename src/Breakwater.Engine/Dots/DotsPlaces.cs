using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>How a mitigation fares at a server that was asked for it.</summary>
internal static class DotsPlaces
{
    /// <param name="wish">The wish that stands for it; null when the server has not been told yet.</param>
    public static MitigationStatus Of(Mitigation mitigation, string mitigator, string place, DotsWishStatus? wish, Timestamp now)
    {
        var state = wish switch
        {
            null or { State: DotsWishState.Asking } => PlacementState.Pending,
            { State: DotsWishState.Refused } => PlacementState.Failed,
            { Shown.Status: DotsStatus.Mitigated or DotsStatus.AttackStopped } => PlacementState.Seen,
            { Shown.Status: DotsStatus.WithdrawnByServer or DotsStatus.ExceededCapability } => PlacementState.Failed,
            _ => PlacementState.Sent,
        };
        return new MitigationStatus(mitigation.Id, mitigator, place, state, mitigation.Activated ?? now)
        {
            Problem = state != PlacementState.Failed ? null : wish?.State == DotsWishState.Refused ? wish.Problem
                : wish?.Shown?.Conflict?.Cause == DotsConflictCause.LegitimateTraffic ? "the server says that this is legitimate traffic"
                : $"the server says {wish?.Shown?.Status}",
            DroppedPackets = (long?)wish?.Shown?.PacketsDropped,
            DroppedBytes = (long?)wish?.Shown?.BytesDropped,
        };
    }
}
