namespace Breakwater.Core.Flows;

/// <summary>What speaks against the numbers of one exporter over the last minute or two.</summary>
/// <param name="Exporter">Its address, for people; "this machine" for packets captured here.</param>
/// <param name="LostShare">Share of its datagrams (NetFlow v9, sFlow) or records (v5, IPFIX) that sequence numbers show to be missing, 0 to 1.</param>
/// <param name="DroppedShare">Share of what reached this machine that it dropped before detection: full socket buffer, capture ring or queue; 0 to 1.</param>
/// <param name="ClockSkew">The exporter's clock minus ours.</param>
public readonly record struct TelemetryHealth(string Exporter, double LostShare, double DroppedShare, TimeSpan ClockSkew);

/// <summary>Tells detection how far the numbers of each exporter can be trusted now.</summary>
/// <remarks>Asked on the detection loop's thread when something was found, never per record. Must return at once and must not throw.</remarks>
public interface ITelemetryHealth
{
    /// <param name="exporter">What <see cref="Flow.Exporter"/> carries.</param>
    TelemetryHealth Of(ushort exporter);
}
