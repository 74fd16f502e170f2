using Breakwater.Core.Flows;

namespace Breakwater.Core.Behaviour;

/// <summary>Reads one protocol's content out of packets: names asked for, handshakes, banners. Knows nothing of who listens.</summary>
/// <remarks>Bytes from outside: never throws, allocates nothing, keeps no state that grows.</remarks>
public interface IPayloadReader
{
    /// <summary>The key in the composition.</summary>
    string Name { get; }

    /// <summary>True for packets worth reading, by headers alone: asked of every packet, so it must be cheap.</summary>
    bool Wants(in Flow flow);

    /// <param name="flow">The packet's flow.</param>
    /// <param name="packet">From the link-layer header; live capture keeps 256 octets.</param>
    /// <param name="linkType">draft-ietf-opsawg-pcaplinktype value.</param>
    /// <param name="observations">Takes what was found.</param>
    void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations);
}

/// <summary>Hands observations to whichever behaviours hear of them.</summary>
public interface IObservationSink
{
    void Take<T>(in Flow flow, in T observation) where T : allows ref struct;
}

/// <summary>A TCP SYN that bears the mark of a known tool.</summary>
/// <param name="Tool">Whose mark it is.</param>
public readonly record struct SynFingerprint(SynTool Tool);

/// <summary>Tools that are known by the SYN they send.</summary>
public enum SynTool : byte
{
    /// <summary>Mirai and its kin: the sequence number is the destination's address. By chance one SYN of 2^32 is.</summary>
    Mirai,
}

/// <summary>A server said by its first words what it is, whatever the port.</summary>
/// <param name="Service">What it is.</param>
public readonly record struct ServiceBanner(BannerService Service);

/// <summary>Services that begin by saying what they are.</summary>
public enum BannerService : byte
{
    /// <summary>RFC 4253 §4.2: "SSH-2.0-…".</summary>
    Ssh = 1,

    /// <summary>RFC 6143 §7.1.1: "RFB 003.008".</summary>
    Vnc,
}

/// <summary>One ping, or the answer to one.</summary>
/// <param name="IsAnswer">Echo reply.</param>
/// <param name="Identifier">RFC 792: with the sequence number it ties an answer to its question.</param>
/// <param name="Content">A hash of as much of the data as was captured.</param>
/// <param name="Length">Octets of the IP packet.</param>
public readonly record struct EchoMessage(bool IsAnswer, ushort Identifier, ushort Sequence, ulong Content, int Length);
