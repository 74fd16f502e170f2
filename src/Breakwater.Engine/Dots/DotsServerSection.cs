using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>Section <c>dots.server</c>: where clients ask us to mitigate for them.</summary>
public sealed class DotsServerSection : IValidatableObject
{
    /// <summary>Addresses and ports, each for DTLS over UDP and TLS over TCP; empty for none. The registered port is 4646.</summary>
    public IList<IPEndPoint> Listen { get; set; } = [];

    /// <summary>Address and port of the data channel (RFC 8783), HTTPS with client certificates; empty for none.</summary>
    public IList<IPEndPoint> DataChannel { get; set; } = [];

    /// <summary>File with our certificate and its chain, PEM; empty to take clients with a pre-shared key only.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>File with the certificate's private key, PEM.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>File with the certificates of those who issue our clients' certificates, PEM.</summary>
    public string AuthorityFile { get; set; } = "";

    /// <summary>Sessions at a time, over all clients and transports.</summary>
    [Range(1, 4096)]
    public int MaxSessions { get; set; } = 256;

    public DotsServerOptions Limits { get; set; } = new();

    /// <summary>Who may ask, by name.</summary>
    [MaxLength(4096)]
    public Dictionary<string, DotsClientOptions> Clients { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CertificateFile.Length > 0 != KeyFile.Length > 0) yield return new ValidationResult("a certificate needs its key, and a key its certificate", [nameof(KeyFile)]);
        if (DataChannel.Count > 0 && (CertificateFile.Length == 0 || AuthorityFile.Length == 0))
            yield return new ValidationResult("needs certificate_file and authority_file", [nameof(DataChannel)]);
        foreach (var problem in DotsCredentialOptions.Problems(Clients.Select(c => (c.Key, (DotsCredentialOptions)c.Value)), "clients", CertificateFile.Length > 0 && AuthorityFile.Length > 0)) yield return problem;
    }
}

/// <summary>Section <c>dots.server.clients.NAME</c>.</summary>
public sealed class DotsClientOptions : DotsCredentialOptions
{

    /// <summary>Addresses of names that it may use as targets. The DNS is not asked: under attack it may be the victim.</summary>
    public Dictionary<string, DotsHostOptions> Hosts { get; set; } = [];

    /// <summary>True for a gateway that asks on behalf of others and says for whom (cdid).</summary>
    public bool Gateway { get; set; }

    /// <summary>What is done for it where we know nothing better: <c>rate-limit</c>, <c>drop</c>, <c>divert</c> or <c>blackhole</c>.</summary>
    /// <remarks>A rate limit is the mildest; the client's targets stay reachable.</remarks>
    public MitigationAction Action { get; set; } = MitigationAction.RateLimit;

    /// <summary>What a rate limit lets through per target, in bits per second.</summary>
    [Range(0, 1e13)]
    public double RateBitsPerSecond { get; set; } = 10_000_000;
}

/// <summary>Section <c>dots.server.clients.NAME.hosts.HOST</c>.</summary>
public sealed class DotsHostOptions
{
    /// <summary>Its addresses.</summary>
    public IReadOnlyList<Prefix> Addresses { get; set; } = [];
}
