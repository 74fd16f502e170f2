namespace Breakwater.Core.Mitigations;

/// <summary>How a mitigation fares with the mitigators, over all places.</summary>
/// <param name="IsHeld">At least one place holds it, and where places show what they hold, one has shown it.</param>
/// <param name="DroppedPackets">Packets stopped so far; null where no place counts.</param>
public readonly record struct Placement(bool IsHeld, long? DroppedPackets);
