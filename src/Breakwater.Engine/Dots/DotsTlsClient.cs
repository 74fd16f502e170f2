using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Breakwater.Engine.Dots;

/// <summary>Our end of one session with somebody that we connect to.</summary>
internal sealed class DotsTlsClient(BcTlsCrypto crypto, DotsPeerOptions options, DotsKeys keys, byte[]? psk, bool datagrams)
    : DefaultTlsClient(crypto), TlsAuthentication, TlsPskIdentity, IDotsHandshake
{
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(15);

    public bool IsComplete { get; private set; }
    public bool SaidGoodBye { get; private set; }

    public override int GetHandshakeTimeoutMillis() => (int)HandshakeTime.TotalMilliseconds;

    public override bool RequiresCloseNotify() => false;

    public override TlsAuthentication GetAuthentication() => this;

    public override TlsPskIdentity? GetPskIdentity() => psk is null ? null : this;

    public void SkipIdentityHint()
    {
        // We have one identity.
    }

    public void NotifyIdentityHint(byte[] psk_identity_hint)
    {
        // We have one identity.
    }

    byte[] TlsPskIdentity.GetPskIdentity() => Encoding.UTF8.GetBytes(options.PskIdentity);

    public byte[] GetPsk() => [.. psk ?? []];

    public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
    {
        if (!keys.Trusts(serverCertificate.Certificate, asClient: false, out var names) || !names.Contains(options.Name, StringComparer.OrdinalIgnoreCase))
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
    }

    public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) =>
        keys.Signer(m_context, (BcTlsCrypto)Crypto, certificateRequest.SupportedSignatureAlgorithms);

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        IsComplete = true;
    }

    public override void NotifyAlertReceived(short alertLevel, short alertDescription)
    {
        base.NotifyAlertReceived(alertLevel, alertDescription);
        if (alertDescription == AlertDescription.close_notify) SaidGoodBye = true;
    }

    protected override ProtocolVersion[] GetSupportedVersions() => datagrams ? ProtocolVersion.DTLSv12.Only() : ProtocolVersion.TLSv12.Only();

    protected override int[] GetSupportedCipherSuites() =>
        TlsUtilities.GetSupportedCipherSuites(Crypto, psk is null ? DotsCipherSuites.Certificates : DotsCipherSuites.PreSharedKeys);

    protected override IList<ServerName>? GetSniServerNames() =>
        options.Name.Length > 0 ? [new ServerName(NameType.host_name, Encoding.ASCII.GetBytes(options.Name))] : null;
}
