using Breakwater.Core.Flows;

namespace Breakwater.Core.Mitigations;

/// <summary>What a mitigation did, as far as it can be seen: traffic to the target and back, before and after.</summary>
/// <param name="At">When it was judged.</param>
/// <param name="Helped">False when the attack still came through.</param>
/// <param name="PacketsPerSecondBefore">Towards the target, at the attack's peak.</param>
/// <param name="PacketsPerSecondAfter">Towards the target when judged; null when it was not among the heaviest hosts, so small.</param>
/// <param name="AnswersPerSecondBefore">Packets from the target, a sign of ordinary traffic.</param>
/// <param name="AnswersPerSecondAfter">The same when judged.</param>
/// <param name="DroppedPackets">What the places that count have stopped; null when none counts.</param>
public sealed record MitigationEffect(
    Timestamp At, bool Helped, double PacketsPerSecondBefore, double? PacketsPerSecondAfter, double AnswersPerSecondBefore, double AnswersPerSecondAfter,
    long? DroppedPackets);
