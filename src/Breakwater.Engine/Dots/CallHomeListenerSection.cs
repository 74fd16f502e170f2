using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Breakwater.Engine.Dots;

/// <summary>Section <c>dots.call_home_listener</c>: where customers connect so that we can ask them to stop sources of theirs (RFC 9066).</summary>
public sealed class CallHomeListenerSection : IValidatableObject
{
    /// <summary>Addresses and ports, each for DTLS over UDP and TLS over TCP; empty for none. The registered port is 4647.</summary>
    public IList<IPEndPoint> Listen { get; set; } = [];

    /// <summary>File with our certificate and its chain, PEM; empty to take customers with a pre-shared key only.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>File with the certificate's private key, PEM.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>File with the certificates of those who issue our customers' certificates, PEM.</summary>
    public string AuthorityFile { get; set; } = "";

    /// <summary>Sessions at a time, over all customers and transports.</summary>
    [Range(1, 4096)]
    public int MaxSessions { get; set; } = 256;

    /// <summary>Who may connect, by name.</summary>
    [MaxLength(4096)]
    public Dictionary<string, DotsCustomerOptions> Customers { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CertificateFile.Length > 0 != KeyFile.Length > 0) yield return new ValidationResult("a certificate needs its key, and a key its certificate", [nameof(KeyFile)]);
        foreach (var problem in DotsCredentialOptions.Problems(Customers.Select(c => (c.Key, (DotsCredentialOptions)c.Value)), "customers", CertificateFile.Length > 0 && AuthorityFile.Length > 0)) yield return problem;
    }
}

/// <summary>Section <c>dots.call_home_listener.customers.NAME</c>.</summary>
public sealed class DotsCustomerOptions : DotsCredentialOptions
{
    /// <summary>How long a request lives at the customer unless refreshed.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);
}
