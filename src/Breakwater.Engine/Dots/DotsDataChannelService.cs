using System.Security.Cryptography.X509Certificates;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Dots;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>The data channel over HTTPS, on addresses of its own: who has no certificate of a client gets no further than the handshake.</summary>
/// <remarks>RFC 8783 §3.1: RESTCONF (RFC 8040) with TLS and mutual authentication.</remarks>
public sealed class DotsDataChannelService : IHostedService, IAsyncDisposable
{
    private const string MediaType = "application/yang-data+json";

    private readonly DotsClients _clients;
    private readonly DotsDataChannel _channel;
    private readonly DotsDataStore _store;
    private readonly TimeProvider _time;
    private readonly WebApplication _app;

    /// <exception cref="InvalidDataException">A key or certificate file cannot be used.</exception>
    public DotsDataChannelService(DotsServerSection options, DotsDataStore store, TimeProvider time, ILoggerFactory loggers)
    {
        _clients = DotsClients.Of(options);
        _store = store;
        _channel = new DotsDataChannel(store);
        _time = time;
        var certificate = X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile);
        // Nothing of the machine's environment or folders configures it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 262_144;
            kestrel.Limits.MaxConcurrentConnections = options.MaxSessions;
            foreach (var endpoint in options.DataChannel)
            {
                kestrel.Listen(endpoint, listen => listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.ClientCertificateValidation = (presented, chain, errors) => EntryOf(presented) is not null;
                }));
            }
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        // RFC 8040 §3.1: where the data is.
        if (request.Path == "/.well-known/host-meta")
        {
            context.Response.ContentType = "application/xrd+xml";
            await context.Response.WriteAsync("<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'><Link rel='restconf' href='/restconf'/></XRD>").ConfigureAwait(false);
            return;
        }
        if (context.Connection.ClientCertificate is not { } certificate || EntryOf(certificate) is not { } client)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        if (!request.Path.Value!.StartsWith(DotsDataChannel.Root, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (request.Method is "POST" or "PUT" && request.ContentType?.Split(';')[0].Trim() is not (MediaType or "application/json"))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        var now = Timestamp.From(_time.GetUtcNow());
        _store.Tick(now);
        var answer = _channel.Answer(now, client.Profile, request.Method, request.Path.Value[DotsDataChannel.Root.Length..], request.Query["content"], body.ToArray());
        context.Response.StatusCode = answer.Status;
        if (answer.Location is { } location) context.Response.Headers.Location = location;
        if (answer.Body is not { } json) return;
        context.Response.ContentType = MediaType;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(json.ToJsonString()), context.RequestAborted).ConfigureAwait(false);
    }

    private DotsClientEntry? EntryOf(X509Certificate2 certificate) =>
        _clients.Keys.Trusts([certificate.RawData], asClient: true, out var names) ? _clients.ByCertificate(names) : null;
}
