using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>The heartbeat that both ends send (RFC 9132 §4.7).</summary>
public static class DotsHeartbeat
{
    private const string Container = "ietf-dots-signal-channel:heartbeat";
    private const string PeerStatus = "peer-hb-status";

    /// <param name="peerIsHeard">Heartbeats of the peer have come within two intervals.</param>
    public static CoapMessage Request(bool peerIsHeard) => new()
    {
        Code = CoapCode.Put,
        Options = [.. new DotsPath(DotsPath.Heartbeat, null, null, null, null).ToOptions(), CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat)],
        Payload = DotsBody.Write(new JsonObject { [Container] = new JsonObject { [PeerStatus] = peerIsHeard } }),
    };

    /// <param name="peerIsHeard">Whether the peer hears ours.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, out bool peerIsHeard)
    {
        peerIsHeard = false;
        if (DotsBody.Read(body, out var json, out _) != DecodeError.None || json[Container] is not JsonObject { Count: 1 } container || container[PeerStatus] is not JsonValue status) return false;
        peerIsHeard = (bool)status;
        return true;
    }
}
