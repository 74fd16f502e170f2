using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Breakwater.Server.Api;

/// <summary>Recognises who asks: by bearer token (RFC 6750 §2.1), by HTTP Basic where TAXII is spoken, or by being on the same machine.</summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions, ILoggerFactory loggers, UrlEncoder encoder, ApiOptions options, FailedAttempts failed)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, loggers, encoder)
{
    public const string SchemeName = "Bearer";

    private static readonly object TooManyKey = new();

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    private AuthenticateResult Authenticate()
    {
        var header = Request.Headers.Authorization.ToString();
        if (header.Length == 0) return IsLoopbackViewer() ? Success("loopback", ApiRole.Viewer) : AuthenticateResult.NoResult();
        var client = Context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (failed.TooMany(client))
        {
            Context.Items[TooManyKey] = true;
            return AuthenticateResult.Fail("too many failed attempts");
        }
        if (Presented(header) is { } presented && Find(presented) is { } token) return Success(token.Name, token.Role);
        failed.Add(client);
        return AuthenticateResult.Fail("unknown token");
    }

    /// <summary>The token: a bearer token, or for TAXII clients, which mostly know nothing else, the password of HTTP Basic (RFC 7617); the user's name is as they like.</summary>
    private string? Presented(string header)
    {
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return header["Bearer ".Length..].Trim();
        if (!TaxiiEndpoints.IsTaxii(Request) || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return null;
        var encoded = header["Basic ".Length..].Trim();
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var written)) return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, written);
        return pair.IndexOf(':') is >= 0 and var colon ? pair[(colon + 1)..] : null;
    }

    /// <summary>Looks at every token, so that the time taken tells nothing.</summary>
    private ApiToken? Find(string presented)
    {
        var hash = ApiToken.Hash(presented);
        ApiToken? found = null;
        foreach (var token in options.Tokens)
            if (CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(token.Sha256))) found = token;
        return found;
    }

    /// <summary>A proxy on this machine passes on other people's requests, and says so: those are not ours.</summary>
    private bool IsLoopbackViewer() =>
        options.AllowLoopbackViewer && IPAddress.IsLoopback(options.Listen.Address) && Loopback.IsOurs(Context);

    private AuthenticateResult Success(string name, ApiRole role)
    {
        var claims = Enum.GetValues<ApiRole>().Where(r => r <= role).Select(r => new Claim(ClaimTypes.Role, r.ToString())).Prepend(new Claim(ClaimTypes.Name, name));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName)), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Context.Items.ContainsKey(TooManyKey))
        {
            Response.Headers.RetryAfter = "60";
            if (TaxiiEndpoints.IsTaxii(Request)) return TaxiiEndpoints.Error(StatusCodes.Status429TooManyRequests, "Too many failed attempts from this address: wait a minute.").ExecuteAsync(Context);
            return Problems.Write(Context, StatusCodes.Status429TooManyRequests, "Too many failed attempts from this address: wait a minute.");
        }
        if (TaxiiEndpoints.IsTaxii(Request))
        {
            Response.Headers.WWWAuthenticate = new[] { "Basic realm=\"TAXII\", charset=\"UTF-8\"", SchemeName };
            return TaxiiEndpoints.Error(StatusCodes.Status401Unauthorized, "Send a token, as a bearer token or as the password of HTTP Basic.").ExecuteAsync(Context);
        }
        Response.Headers.WWWAuthenticate = SchemeName;
        return Problems.Write(Context, StatusCodes.Status401Unauthorized, "Send a token: 'Authorization: Bearer TOKEN'. Tokens are configured under api.tokens.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        TaxiiEndpoints.IsTaxii(Request)
            ? TaxiiEndpoints.Error(StatusCodes.Status403Forbidden, "This token's role does not allow it.").ExecuteAsync(Context)
            : Problems.Write(Context, StatusCodes.Status403Forbidden, "This token's role does not allow it.");
}
