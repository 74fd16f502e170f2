using System.Text.Json.Nodes;
using Breakwater.Core.Net;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>Another server that clients are to use (RFC 9132 §4.6).</summary>
/// <param name="Server">Its name.</param>
/// <param name="Addresses">Its addresses, so that clients need no DNS; may be empty.</param>
/// <param name="Ttl">How long clients may keep to it.</param>
public sealed record DotsRedirect(string Server, IReadOnlyList<IpAddr> Addresses, TimeSpan Ttl)
{
    private const string Container = "ietf-dots-signal-channel:redirected-signal";

    /// <summary>The 5.03 that tells a client.</summary>
    public CoapMessage Answer(CoapMessage request)
    {
        var json = new JsonObject { ["alt-server"] = Server };
        if (Addresses.Count > 0) json["alt-server-record"] = new JsonArray([.. Addresses.Select(a => JsonValue.Create(a.ToString()))]);
        return CoapMessage.Answer(request, CoapCode.ServiceUnavailable)
            .With(CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat))
            .With(CoapOption.Uint(CoapOptions.MaxAge, (uint)Ttl.TotalSeconds))
            with
        { Payload = DotsBody.Write(new JsonObject { [Container] = json }) };
    }

    /// <summary>Reads the redirection out of a 5.03; null when it is none.</summary>
    public static DotsRedirect? Of(CoapMessage response)
    {
        if (response.Code != CoapCode.ServiceUnavailable || response.Uint(CoapOptions.ContentFormat) != DotsBody.ContentFormat) return null;
        DotsBody.Read(response.Payload.Span, out var body, out _);
        if (body[Container] is not JsonObject json || (string?)json["alt-server"] is not { Length: > 0 } server) return null;
        var addresses = (json["alt-server-record"] as JsonArray ?? []).Select(a => IpAddr.TryParse((string)a!, out var address) ? address : IpAddr.None);
        return new DotsRedirect(server, [.. addresses.Where(a => !a.IsNone)], TimeSpan.FromSeconds(response.Uint(CoapOptions.MaxAge) ?? 60));
    }
}
