using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Breakwater.Server.Api;

/// <summary>Recognises who asks: by bearer token (RFC 6750 §2.1), or by being on the same machine.</summary>
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
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && Find(header["Bearer ".Length..].Trim()) is { } token)
            return Success(token.Name, token.Role);
        failed.Add(client);
        return AuthenticateResult.Fail("unknown token");
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
            return Problems.Write(Context, StatusCodes.Status429TooManyRequests, "Too many failed attempts from this address: wait a minute.");
        }
        Response.Headers.WWWAuthenticate = SchemeName;
        return Problems.Write(Context, StatusCodes.Status401Unauthorized, "Send a token: 'Authorization: Bearer TOKEN'. Tokens are configured under api.tokens.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Write(Context, StatusCodes.Status403Forbidden, "This token's role does not allow it.");
}
