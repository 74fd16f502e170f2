using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Dots;

/// <summary>An authority with a server's and a client's certificate, as PEM files.</summary>
internal sealed class TestCertificates
{
    private readonly TemporaryFolder _folder;
    private readonly X509Certificate2 _authority;
    private readonly string _prefix;

    public TestCertificates(TemporaryFolder folder, string prefix, bool rsa = false)
    {
        _folder = folder;
        _prefix = prefix;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={prefix} authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        Authority = folder.Write(prefix + "-ca.pem", _authority.ExportCertificatePem());
        Server = Issue("dots.example.net", rsa, "1.3.6.1.5.5.7.3.1");
        Client = Issue("client.example.net", rsa, "1.3.6.1.5.5.7.3.2");
    }

    public string Authority { get; }
    public (string Certificate, string Key) Server { get; }
    public (string Certificate, string Key) Client { get; }

    private (string Certificate, string Key) Issue(string name, bool rsa, string purpose)
    {
        using var rsaKey = rsa ? RSA.Create(2048) : null;
        using var ecKey = rsa ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = rsaKey is not null
            ? new CertificateRequest($"CN={name}", rsaKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={name}", ecKey!, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var signer = _authority.GetECDsaPrivateKey()!;
        using var issued = request.Create(_authority.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        AsymmetricAlgorithm key = rsaKey is not null ? rsaKey : ecKey!;
        return (_folder.Write($"{_prefix}-{name}.pem", issued.ExportCertificatePem()), _folder.Write($"{_prefix}-{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }
}
