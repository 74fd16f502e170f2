namespace Breakwater.Protocols.Stix;

/// <summary>Who writes, and how.</summary>
/// <param name="Space">Namespace of our identifiers; ours alone.</param>
/// <param name="Organisation">Name of the organisation.</param>
/// <param name="Contact">Mail address; empty for none.</param>
/// <param name="Tlp1">Markings of TLP 1.0 instead of 2.0.</param>
/// <param name="IndicatorLifetime">How long after it was last seen something counts as an indicator.</param>
public sealed record StixSettings(Guid Space, string Organisation, string Contact, bool Tlp1, TimeSpan IndicatorLifetime);
