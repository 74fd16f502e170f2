using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>The resource /config: how a session behaves (RFC 9132 §4.5).</summary>
internal sealed class ConfigurationResource(DotsServerOptions options)
{
    /// <summary>How long a client may go on without asking again.</summary>
    private const uint MaxAge = 86_400;

    private readonly DotsConfiguration _minimum = DotsConfiguration.Minimum with { HeartbeatInterval = (int)options.MinHeartbeatInterval.TotalSeconds };

    /// <param name="changed">True when the session's configuration is another one now.</param>
    public CoapMessage Answer(DotsSession session, CoapMessage request, DotsPath path, out bool changed)
    {
        changed = false;
        if (path is not { Cdid: null, Cuid: null, Mid: null }) return CoapMessage.Answer(request, CoapCode.BadRequest, "session configuration has no cuid");
        switch (request.Code)
        {
            case CoapCode.Get:
                return path.Sid is { } asked && asked != session.Sid ? CoapMessage.Answer(request, CoapCode.NotFound) : Show(session, request);
            case CoapCode.Put:
                return Put(session, request, path, out changed);
            case CoapCode.Delete:
                if (path.Sid is { } deleted && deleted != session.Sid) return CoapMessage.Answer(request, CoapCode.NotFound);
                session.Sid = null;
                session.Configuration = new DotsSessionConfiguration(DotsSession.DefaultConfiguration, DotsSession.DefaultConfiguration);
                changed = true;
                return CoapMessage.Answer(request, CoapCode.Deleted);
            default:
                return CoapMessage.Answer(request, CoapCode.MethodNotAllowed);
        }
    }

    private CoapMessage Put(DotsSession session, CoapMessage request, DotsPath path, out bool changed)
    {
        changed = false;
        if (path.Sid is not { } sid) return CoapMessage.Answer(request, CoapCode.BadRequest, "sid is missing");
        if (sid < session.Sid) return CoapMessage.Answer(request, CoapCode.BadRequest, "sid must rise");
        if (DotsBody.Read(request.Payload.Span, out var body, out var problem) != DecodeError.None) return CoapMessage.Answer(request, CoapCode.BadRequest, problem);
        var wished = DotsConfigurationJson.Read(body, DotsSession.DefaultConfiguration, out problem);
        if (problem is not null) return CoapMessage.Answer(request, CoapCode.BadRequest, problem);
        if (!wished.Mitigating.IsWithin(_minimum, DotsConfiguration.Maximum) || !wished.Idle.IsWithin(_minimum, DotsConfiguration.Maximum))
            return CoapMessage.Answer(request, CoapCode.UnprocessableEntity, "a value is not acceptable");
        var code = session.Sid == sid ? CoapCode.Changed : CoapCode.Created;
        session.Sid = sid;
        session.Configuration = wished;
        changed = true;
        return CoapMessage.Answer(request, code);
    }

    private CoapMessage Show(DotsSession session, CoapMessage request) =>
        CoapMessage.Answer(request, CoapCode.Content)
            .With(CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat))
            .With(CoapOption.Uint(CoapOptions.MaxAge, MaxAge))
            with
        { Payload = DotsBody.Write(DotsConfigurationJson.Body(session.Configuration, _minimum, DotsConfiguration.Maximum)) };
}
