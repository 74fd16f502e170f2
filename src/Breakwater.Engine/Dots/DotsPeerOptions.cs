using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Dots;

/// <summary>How a session with another's server is carried.</summary>
public enum DotsTransport : byte
{
    /// <summary>DTLS over UDP.</summary>
    Udp,

    /// <summary>TLS over TCP.</summary>
    Tcp,
}

/// <summary>Somebody that we connect to.</summary>
public abstract class DotsPeerOptions : IValidatableObject
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

    /// <summary>Pause before another try to connect. RFC 9132 §4.7 forbids less than a minute in ordinary times.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Retry { get; set; } = TimeSpan.FromMinutes(1);

    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PskIdentity.Length > 0 != PskFile.Length > 0) yield return new ValidationResult("a pre-shared key needs an identity and a file", [nameof(PskFile)]);
        if (PskIdentity.Length == 0 && (CertificateFile.Length == 0 || KeyFile.Length == 0 || AuthorityFile.Length == 0))
            yield return new ValidationResult("needs a pre-shared key, or certificate_file, key_file and authority_file", [nameof(PskIdentity)]);
        if (PskIdentity.Length == 0 && Name.Length == 0) yield return new ValidationResult("is needed to check the other's certificate", [nameof(Name)]);
    }
}

/// <summary>Section <c>dots.upstreams.NAME</c>: a provider that we ask.</summary>
public sealed class DotsUpstreamOptions : DotsPeerOptions
{
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
}

/// <summary>Section <c>dots.call_home.NAME</c>: a provider that may ask us to stop sources of ours.</summary>
public sealed class DotsCallHomeOptions : DotsPeerOptions
{
    /// <summary>What is done to the traffic that it names: <c>drop</c> or <c>rate-limit</c>. The mode of the source's host group for that action says whether it waits for your consent.</summary>
    public MitigationAction Action { get; set; } = MitigationAction.Drop;

    /// <summary>What a rate limit lets through per source and target, in bits per second.</summary>
    [Range(0, 1e13)]
    public double RateBitsPerSecond { get; set; } = 1_000_000;

    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Action is not (MitigationAction.Drop or MitigationAction.RateLimit)) yield return new ValidationResult("what goes out is dropped or rate-limited", [nameof(Action)]);
        foreach (var problem in base.Validate(validationContext)) yield return problem;
    }
}
