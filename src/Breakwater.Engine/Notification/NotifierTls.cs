using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Breakwater.Engine.Notification;

/// <summary>How receivers are checked when TLS is spoken: by name, and by the system's authorities or the configured ones.</summary>
internal static class NotifierTls
{
    /// <param name="authorityFile">PEM; empty for the system's authorities.</param>
    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public static X509Certificate2Collection Authorities(string authorityFile)
    {
        var authorities = new X509Certificate2Collection();
        if (authorityFile.Length == 0) return authorities;
        try
        {
            authorities.ImportFromPemFile(authorityFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidDataException($"{authorityFile}: {e.Message}", e);
        }
        return authorities.Count > 0 ? authorities : throw new InvalidDataException($"{authorityFile}: holds no certificate");
    }

    /// <param name="host">The name that the receiver's certificate must bear.</param>
    public static SslClientAuthenticationOptions Options(string host, X509Certificate2Collection authorities)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host, CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
        if (authorities.Count == 0) return options;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        return options;
    }

    /// <summary>A client of nobody's making but ours: no proxy of the environment, no redirects to elsewhere, no cookies.</summary>
    public static HttpClient Http(string url, X509Certificate2Collection authorities)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // The receiver's address may change, and a mitigation may have moved it.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = Options(new Uri(url).IdnHost, authorities),
        };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 64 * 1024 };
    }

    /// <summary>True for an address that <see cref="Http"/> can send to.</summary>
    public static bool IsHttp(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0;
}
