using System.Text;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Breakwater.Engine.Dots;

/// <summary>Our end of one session with a client: certificates of both, or a pre-shared key, as the client offers.</summary>
internal sealed class DotsTlsServer(BcTlsCrypto crypto, DotsClients clients, bool datagrams) : DefaultTlsServer(crypto), TlsPskIdentityManager, IDotsHandshake
{
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(15);

    private DotsClientEntry? _client;

    public bool IsComplete { get; private set; }
    public bool SaidGoodBye { get; private set; }

    /// <summary>Who it is; null until the handshake is complete.</summary>
    public DotsClientEntry? Client => IsComplete ? _client : null;

    public override int GetHandshakeTimeoutMillis() => (int)HandshakeTime.TotalMilliseconds;

    /// <summary>A TCP connection that breaks off without an alert is a loss of the signal.</summary>
    public override bool RequiresCloseNotify() => false;

    protected override ProtocolVersion[] GetSupportedVersions() => datagrams ? ProtocolVersion.DTLSv12.Only() : ProtocolVersion.TLSv12.Only();

    protected override int[] GetSupportedCipherSuites()
    {
        int[] wanted = [.. clients.Keys.HasCertificate ? DotsCipherSuites.Certificates : [], .. clients.HasPreSharedKeys ? DotsCipherSuites.PreSharedKeys : []];
        return TlsUtilities.GetSupportedCipherSuites(Crypto, wanted);
    }

    public override TlsCredentials? GetCredentials() =>
        IsPreShared(m_selectedCipherSuite) ? null : base.GetCredentials();

    public override TlsPskIdentityManager GetPskIdentityManager() => this;

    public byte[] GetHint() => [];

    /// <summary>The key of an identity; for an unknown one a key that nobody has, so that both look alike from outside (RFC 4279 §2).</summary>
    public byte[] GetPsk(byte[] identity)
    {
        _client = clients.ByPskIdentity(Encoding.UTF8.GetString(identity));
        return [.. _client?.Psk ?? clients.NobodysKey];
    }

    public override CertificateRequest GetCertificateRequest() => new(
        [ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign],
        TlsUtilities.GetDefaultSupportedSignatureAlgorithms(m_context),
        [.. clients.Keys.Authorities.Select(a => X509Name.GetInstance(a.SubjectName.RawData))]);

    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        if (!clients.Keys.Trusts(clientCertificate, asClient: true, out var names)) throw new TlsFatalAlert(AlertDescription.bad_certificate);
        _client = clients.ByCertificate(names) ?? throw new TlsFatalAlert(AlertDescription.access_denied);
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        if (_client is null) throw new TlsFatalAlert(AlertDescription.access_denied);
        IsComplete = true;
    }

    public override void NotifyAlertReceived(short alertLevel, short alertDescription)
    {
        base.NotifyAlertReceived(alertLevel, alertDescription);
        if (alertDescription == AlertDescription.close_notify) SaidGoodBye = true;
    }

    protected override TlsCredentialedSigner GetRsaSignerCredentials() => Sign(rsa: true);

    protected override TlsCredentialedSigner GetECDsaSignerCredentials() => Sign(rsa: false);

    /// <summary>A suite for which we have no key must not be chosen.</summary>
    protected override bool SelectCipherSuite(int cipherSuite)
    {
        if (!IsPreShared(cipherSuite) && clients.Keys.IsRsa == IsEcdsa(cipherSuite)) return false;
        return base.SelectCipherSuite(cipherSuite);
    }

    private static bool IsPreShared(int cipherSuite) => Array.IndexOf(DotsCipherSuites.PreSharedKeys, cipherSuite) >= 0;

    private static bool IsEcdsa(int cipherSuite) => TlsUtilities.GetKeyExchangeAlgorithm(cipherSuite) == KeyExchangeAlgorithm.ECDHE_ECDSA;

    private TlsCredentialedSigner Sign(bool rsa) =>
        clients.Keys.Signer(m_context, (BcTlsCrypto)Crypto, m_context.SecurityParameters.ClientSigAlgs, rsa) ?? throw new TlsFatalAlert(AlertDescription.internal_error);
}
