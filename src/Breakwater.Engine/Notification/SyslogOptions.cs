using System.ComponentModel.DataAnnotations;
using Breakwater.Protocols.Syslog;

namespace Breakwater.Engine.Notification;

/// <summary>How syslog messages are carried.</summary>
public enum SyslogTransport : byte
{
    /// <summary>One datagram each (RFC 5426).</summary>
    Udp,

    /// <summary>A stream, each message with its length in front (RFC 6587 §3.4.1).</summary>
    Tcp,

    /// <summary>The same inside TLS (RFC 5425).</summary>
    Tls,
}

/// <summary>Section <c>notifications.syslog</c> of the configuration file: notices as messages of RFC 5424 with structured data.</summary>
public sealed class SyslogOptions : IValidatableObject
{
    /// <summary>Name or address of the collector; empty for none.</summary>
    public string Server { get; set; } = "";

    /// <summary>Its port; the registered ones are 514 for UDP, 6514 for TLS.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 514;

    /// <summary>How it is reached.</summary>
    public SyslogTransport Transport { get; set; } = SyslogTransport.Udp;

    /// <summary>Facility of our messages.</summary>
    public SyslogFacility Facility { get; set; } = SyslogFacility.Daemon;

    /// <summary>Enterprise number in the name of our structured data, <c>breakwater@NUMBER</c>.</summary>
    /// <remarks>32473 is the one for examples (RFC 5612); use your own organisation's where collectors mix data of many makers.</remarks>
    [Range(0, 4294967295)]
    public uint EnterpriseNumber { get; set; } = 32473;

    /// <summary>Octets that a message may have; longer ones are cut.</summary>
    /// <remarks>RFC 5424 §6.1: receivers should take 2048.</remarks>
    [Range(480, 65000)]
    public int MaxLength { get; set; } = SyslogEncoder.RecommendedLength;

    /// <summary>File with the certificates of those who issue the collector's certificate, PEM; empty for the system's.</summary>
    public string AuthorityFile { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Server.Length > 0 && Uri.CheckHostName(Server) == UriHostNameType.Unknown) yield return new ValidationResult("must be a name or an address", [nameof(Server)]);
    }
}
