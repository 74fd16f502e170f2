using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Breakwater.Engine.Dots;

/// <summary>A certificate with its key, and whom it trusts; read once from files.</summary>
internal sealed class DotsKeys
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly IReadOnlyList<byte[]> _chain = [];
    private readonly AsymmetricKeyParameter? _key;

    /// <param name="certificateFile">PEM; empty for none.</param>
    /// <exception cref="InvalidDataException">A file is missing or cannot be used; the message says which and why.</exception>
    public DotsKeys(string certificateFile, string keyFile, string authorityFile)
    {
        if (certificateFile.Length > 0)
        {
            using var own = Load(certificateFile, () => X509Certificate2.CreateFromPemFile(certificateFile, keyFile));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            _chain = [.. chain.Select(c => c.RawData)];
            using var rsa = own.GetRSAPrivateKey();
            using var ec = own.GetECDsaPrivateKey();
            IsRsa = rsa is not null;
            _key = PrivateKeyFactory.CreateKey(rsa?.ExportPkcs8PrivateKey() ?? ec?.ExportPkcs8PrivateKey() ?? throw new InvalidDataException($"{keyFile}: neither an RSA nor an elliptic curve key"));
            PublicKey = own.PublicKey.ExportSubjectPublicKeyInfo();
        }
        if (authorityFile.Length > 0) Load(authorityFile, () => { Authorities.ImportFromPemFile(authorityFile); return Authorities; });
    }

    public bool HasCertificate => _key is not null;

    /// <summary>True for an RSA key, false for an elliptic curve key.</summary>
    public bool IsRsa { get; }

    /// <summary>Subject Public Key Info of the certificate in DER; empty without one.</summary>
    public byte[] PublicKey { get; } = [];

    public X509Certificate2Collection Authorities { get; } = [];

    /// <summary>Octets of a pre-shared key file.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read, or holds no key.</exception>
    public static byte[] ReadPsk(string file)
    {
        var text = Load(file, () => File.ReadAllText(file)).TrimEnd('\r', '\n');
        var key = text.StartsWith("hex:", StringComparison.Ordinal) ? Load(file, () => Convert.FromHexString(text.AsSpan(4).Trim())) : Encoding.UTF8.GetBytes(text);
        return key.Length > 0 ? key : throw new InvalidDataException($"{file}: is empty");
    }

    /// <summary>What signs a handshake of TLS 1.2; null when the peer asks for another kind of key than ours.</summary>
    public TlsCredentialedSigner? Signer(TlsContext context, BcTlsCrypto crypto, IList<SignatureAndHashAlgorithm>? offered, bool rsa)
    {
        if (_key is null || IsRsa != rsa) return null;
        var algorithm = TlsUtilities.ChooseSignatureAndHashAlgorithm(context, offered, rsa ? SignatureAlgorithm.rsa : SignatureAlgorithm.ecdsa);
        var certificate = new Certificate([.. _chain.Select(der => (TlsCertificate)new BcTlsCertificate(crypto, der))]);
        return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(context), crypto, _key, certificate, algorithm);
    }

    public TlsCredentialedSigner? Signer(TlsContext context, BcTlsCrypto crypto, IList<SignatureAndHashAlgorithm>? offered) => Signer(context, crypto, offered, IsRsa);

    /// <summary>Checks the chain of a TLS peer against our authorities (RFC 5280).</summary>
    /// <param name="names">The names that the certificate gives its holder.</param>
    public bool Trusts(Certificate? chain, bool asClient, out IReadOnlyList<string> names) =>
        Trusts(chain is null ? [] : [.. chain.GetCertificateList().Select(c => c.GetEncoded())], asClient, out names);

    /// <param name="chain">In DER, the holder's first.</param>
    public bool Trusts(IReadOnlyList<byte[]> chain, bool asClient, out IReadOnlyList<string> names)
    {
        names = [];
        if (chain.Count == 0) return false;
        using var leaf = X509CertificateLoader.LoadCertificate(chain[0]);
        using var check = new X509Chain();
        check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        check.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        check.ChainPolicy.DisableCertificateDownloads = true;
        if (leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any()) check.ChainPolicy.ApplicationPolicy.Add(new Oid(asClient ? ClientAuthentication : ServerAuthentication));
        foreach (var issuer in chain.Skip(1)) check.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(issuer));
        if (!check.Build(leaf)) return false;
        var alternatives = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).ToArray();
        // A common name counts only where there is no DNS name (RFC 6125 §6.4.4).
        names = alternatives.Length > 0 ? alternatives : [leaf.GetNameInfo(X509NameType.SimpleName, forIssuer: false)];
        return true;
    }

    private static T Load<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }
}
