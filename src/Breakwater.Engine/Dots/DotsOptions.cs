using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>Section <c>dots</c> of the configuration file: DDoS Open Threat Signaling (RFC 9132), as a provider and as a customer.</summary>
public sealed class DotsOptions
{
    public DotsServerSection Server { get; set; } = new();

    /// <summary>Servers of our providers that we ask to mitigate for us, by name.</summary>
    [MaxLength(64)]
    public Dictionary<string, DotsPeerOptions> Upstreams { get; set; } = [];

    /// <summary>Providers that we connect to so that they can ask us to stop sources of ours (RFC 9066), by name; their port is 4647.</summary>
    [MaxLength(64)]
    public Dictionary<string, DotsPeerOptions> CallHome { get; set; } = [];
}

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
        foreach (var (name, client) in Clients)
        {
            if (client.PskIdentity.Length > 0 != client.PskFile.Length > 0) yield return Problem(name, "a pre-shared key needs an identity and a file");
            if (client.PskIdentity.Length == 0 && client.CertificateNames.Count == 0) yield return Problem(name, "needs a pre-shared key or certificate_names: otherwise it cannot prove who it is");
            if (client.Prefixes.Count == 0) yield return Problem(name, "has no prefixes: it could ask for nothing");
            if (client.CertificateNames.Count > 0 && (CertificateFile.Length == 0 || AuthorityFile.Length == 0)) yield return Problem(name, "certificate_names need certificate_file and authority_file of the server");
        }
        foreach (var same in Clients.Where(c => c.Value.PskIdentity.Length > 0).GroupBy(c => c.Value.PskIdentity).Where(g => g.Count() > 1))
            yield return Problem(same.Last().Key, $"psk_identity '{same.Key}' is that of '{same.First().Key}' already");
    }

    private static ValidationResult Problem(string client, string message) => new(message, [$"clients.{client}"]);
}

/// <summary>Section <c>dots.server.clients.NAME</c>.</summary>
public sealed class DotsClientOptions
{
    /// <summary>Identity of its pre-shared key; empty when it comes with a certificate.</summary>
    public string PskIdentity { get; set; } = "";

    /// <summary>File with the pre-shared key: text as it is, or "hex:" and hexadecimal digits.</summary>
    public string PskFile { get; set; } = "";

    /// <summary>Names in its certificate, as DNS name or common name.</summary>
    public IList<string> CertificateNames { get; set; } = [];

    /// <summary>What it may have protected, and nothing else.</summary>
    public IReadOnlyList<Prefix> Prefixes { get; set; } = [];

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

/// <summary>How a session with another's server is carried.</summary>
public enum DotsTransport : byte
{
    /// <summary>DTLS over UDP.</summary>
    Udp,

    /// <summary>TLS over TCP.</summary>
    Tcp,
}

/// <summary>Sections <c>dots.upstreams.NAME</c> and <c>dots.call_home.NAME</c>: somebody that we connect to.</summary>
public sealed class DotsPeerOptions : IValidatableObject
{
    /// <summary>Its address and port.</summary>
    public IPEndPoint Address { get; set; } = new(IPAddress.Loopback, 4646);

    /// <summary>UDP gets through where an attack fills the link and TCP stalls; TCP gets through middleboxes that drop UDP.</summary>
    public DotsTransport Transport { get; set; } = DotsTransport.Udp;

    /// <summary>Its name, as in its certificate.</summary>
    public string Name { get; set; } = "";

    /// <summary>Identity of our pre-shared key; empty to use certificates.</summary>
    public string PskIdentity { get; set; } = "";

    /// <summary>File with the pre-shared key: text as it is, or "hex:" and hexadecimal digits.</summary>
    public string PskFile { get; set; } = "";

    /// <summary>File with our certificate and its chain, PEM.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>File with the certificate's private key, PEM.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>File with the certificates of those who issue its certificate, PEM.</summary>
    public string AuthorityFile { get; set; } = "";

    /// <summary>How long a request lives at the other end unless refreshed.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Prefixes that the provider is to protect once it no longer hears us, as a flood that fills our link would have it.</summary>
    /// <remarks>Sent in peace as requests with trigger-mitigation false (RFC 9132 §4.4.1.1).</remarks>
    [MaxLength(64)]
    public IReadOnlyList<Prefix> ProtectOnSignalLoss { get; set; } = [];

    /// <summary>Time between two heartbeats.</summary>
    /// <remarks>RFC 9132 §4.5.2: 30 s, and 15 s at least where others use the path too; the server may refuse less.</remarks>
    [Range(typeof(TimeSpan), "00:00:01", "00:04:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Heartbeats in a row that may go unanswered before the session counts as lost.</summary>
    [Range(3, 20)]
    public int MissedHeartbeatsAllowed { get; set; } = 15;

    /// <summary>How long what began at the loss of the signal goes on after a session stands again.</summary>
    /// <remarks>Long enough to see whether the flood, now that it is stopped further up, has let the link breathe for good.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ReleaseAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause before another try to connect. RFC 9132 §4.7 forbids less than a minute in ordinary times.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Retry { get; set; } = TimeSpan.FromMinutes(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PskIdentity.Length > 0 != PskFile.Length > 0) yield return new ValidationResult("a pre-shared key needs an identity and a file", [nameof(PskFile)]);
        if (PskIdentity.Length == 0 && (CertificateFile.Length == 0 || KeyFile.Length == 0 || AuthorityFile.Length == 0))
            yield return new ValidationResult("needs a pre-shared key, or certificate_file, key_file and authority_file", [nameof(PskIdentity)]);
        if (PskIdentity.Length == 0 && Name.Length == 0) yield return new ValidationResult("is needed to check the other's certificate", [nameof(Name)]);
    }
}
