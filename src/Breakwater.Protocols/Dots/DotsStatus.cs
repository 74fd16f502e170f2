namespace Breakwater.Protocols.Dots;

/// <summary>How far a mitigation has come.</summary>
/// <remarks>RFC 9132 §4.4.2, Table 3; the codes are IANA's.</remarks>
public enum DotsStatus : byte
{
    /// <summary>Setup is in progress.</summary>
    InProgress = 1,

    /// <summary>The attack is being mitigated.</summary>
    Mitigated = 2,

    /// <summary>The attack has stopped: the client can withdraw its request.</summary>
    AttackStopped = 3,

    /// <summary>The attack is more than the provider can mitigate.</summary>
    ExceededCapability = 4,

    /// <summary>Withdrawn by the client: active but terminating.</summary>
    Terminating = 5,

    /// <summary>Over.</summary>
    Terminated = 6,

    /// <summary>Withdrawn by the server.</summary>
    WithdrawnByServer = 7,

    /// <summary>Held until the signal channel session is lost.</summary>
    HeldUntilSignalLoss = 8,
}

/// <summary>What a client says of the attack (RFC 9132 §4.4.3, Table 4).</summary>
public enum DotsAttackStatus : byte
{
    UnderAttack = 1,
    Mitigated = 2,
}

/// <summary>Which of conflicting requests is in force (RFC 9132 §10.6.3).</summary>
public enum DotsConflictStatus : byte
{
    RequestInactive = 1,
    RequestActive = 2,
    AllInactive = 3,
}

/// <summary>Why requests conflict (RFC 9132 §10.6.4, RFC 9066 §7.2).</summary>
public enum DotsConflictCause : byte
{
    OverlappingTargets = 1,
    AcceptList = 2,
    CuidCollision = 3,

    /// <summary>Call Home: what was called an attack is legitimate traffic.</summary>
    LegitimateTraffic = 4,
}
