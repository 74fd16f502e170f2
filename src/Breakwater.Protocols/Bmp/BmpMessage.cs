using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Protocols.Bmp;

/// <summary>One message of a router about its BGP sessions.</summary>
public abstract record BmpMessage;

/// <summary>The first message: who the router is (RFC 7854 §4.3). Texts are the router's own; empty where it says nothing.</summary>
/// <param name="Name">Its sysName.</param>
/// <param name="Description">Its sysDescr.</param>
public sealed record BmpInitiation(string Name, string Description) : BmpMessage;

/// <summary>The last message (RFC 7854 §4.5).</summary>
/// <param name="Reason">IANA "BMP Termination Message Reason Codes"; null where the router gives none.</param>
public sealed record BmpTermination(ushort? Reason, string Text) : BmpMessage;

/// <summary>A session of the router came up (RFC 7854 §4.10).</summary>
/// <param name="Local">The router's own address of the session; none for its own table.</param>
/// <param name="Sent">The OPEN that the router sent; null where it holds nothing that a session could stand on, as some do for their own table.</param>
/// <param name="Received">The OPEN that it received.</param>
public sealed record BmpPeerUp(BmpPeerHeader Peer, IpAddr Local, ushort LocalPort, ushort RemotePort, BgpOpen? Sent, BgpOpen? Received) : BmpMessage;

/// <summary>A session of the router went down, and what it was told there is void (RFC 7854 §4.9).</summary>
/// <param name="Reason">IANA "BMP Peer Down Reason Codes".</param>
/// <param name="Notification">The NOTIFICATION that ended it, for reasons 1 (the router sent it) and 3 (it received it).</param>
/// <param name="Event">The event of the router's state machine that ended it, for reason 2 (RFC 4271 §8.1).</param>
public sealed record BmpPeerDown(BmpPeerHeader Peer, byte Reason, BgpNotification? Notification, ushort? Event) : BmpMessage;

/// <summary>Routes that came or went in one of the router's tables (RFC 7854 §4.6).</summary>
public sealed record BmpRouteMonitoring(BmpPeerHeader Peer, DecodedUpdate Update) : BmpMessage;

/// <summary>Counters of a session (RFC 7854 §4.8).</summary>
public sealed record BmpStatistics(BmpPeerHeader Peer, IReadOnlyList<BmpStatistic> Counters) : BmpMessage;

/// <param name="Type">IANA "BMP Statistics Types".</param>
/// <param name="Family">The family that it is about; null where it is about all.</param>
public readonly record struct BmpStatistic(ushort Type, BgpFamily? Family, ulong Value);
