namespace Breakwater.Core.Behaviour.Payload;

/// <summary>An ICMP or ICMPv6 echo request or reply (RFC 792, RFC 4443 §4).</summary>
/// <param name="IsReply">False for a request.</param>
/// <param name="Identifier">Who asks, on the asking host.</param>
/// <param name="Sequence">Which of its questions.</param>
/// <param name="Head">A hash of the first octets of the data: at most 32, fewer where there are fewer.</param>
/// <param name="Length">Octets of data, as far as captured.</param>
public readonly record struct EchoObservation(bool IsReply, ushort Identifier, ushort Sequence, ulong Head, int Length);
