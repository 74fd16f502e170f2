using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Syslog;

/// <summary>Severities of RFC 5424 §6.2.1, table 2.</summary>
public enum SyslogSeverity : byte { Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug }

/// <summary>Facilities of RFC 5424 §6.2.1, table 1, that a service may use as its own.</summary>
public enum SyslogFacility : byte { User = 1, Daemon = 3, Security = 4, Local0 = 16, Local1, Local2, Local3, Local4, Local5, Local6, Local7 }

/// <summary>One message of RFC 5424. Any text may be given: the encoder makes it fit.</summary>
public sealed record SyslogMessage
{
    public required SyslogFacility Facility { get; init; }
    public required SyslogSeverity Severity { get; init; }
    public required Timestamp Time { get; init; }

    /// <summary>Who sends it.</summary>
    public required string HostName { get; init; }

    public required string AppName { get; init; }

    /// <summary>Empty for none.</summary>
    public string ProcId { get; init; } = "";

    /// <summary>What kind of message it is: receivers filter by it.</summary>
    public required string MsgId { get; init; }

    /// <summary>"name@enterprise number" (§6.3.2); empty for no structured data.</summary>
    public string StructuredId { get; init; } = "";

    /// <summary>Parameters of the one element, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>Free text, one line.</summary>
    public required string Text { get; init; }
}
