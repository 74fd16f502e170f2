using System.ComponentModel.DataAnnotations;

namespace Breakwater.Engine.Notification;

/// <summary>When a mail server is spoken to inside TLS.</summary>
public enum SmtpSecurity : byte
{
    /// <summary>From STARTTLS on (RFC 3207); a server that does not offer it gets no mail.</summary>
    Starttls,

    /// <summary>From the first octet (RFC 8314 §3.3), usually port 465.</summary>
    Tls,

    /// <summary>Never; for a server on this machine.</summary>
    None,
}

/// <summary>Section <c>notifications.email</c> of the configuration file: notices as mail, by SMTP.</summary>
public sealed class EmailOptions : IValidatableObject
{
    /// <summary>Name or address of the mail server; empty for none.</summary>
    public string Server { get; set; } = "";

    /// <summary>Its port: 587 for submission with STARTTLS, 465 for TLS, 25 for a server on this machine.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>When it is spoken to inside TLS: <c>starttls</c>, <c>tls</c> or <c>none</c>.</summary>
    public SmtpSecurity Security { get; set; } = SmtpSecurity.Starttls;

    /// <summary>Address of the sender.</summary>
    public string From { get; set; } = "";

    /// <summary>Addresses of the receivers.</summary>
    [MaxLength(100)]
    public IReadOnlyList<string> To { get; set; } = [];

    /// <summary>Name to log in with; empty for none.</summary>
    public string User { get; set; } = "";

    /// <summary>File with the password.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>Environment variable with the password, where there is no file.</summary>
    public string PasswordVariable { get; set; } = "";

    /// <summary>File with the certificates of those who issue the server's certificate, PEM; empty for the system's.</summary>
    public string AuthorityFile { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PasswordFile.Length > 0 && PasswordVariable.Length > 0) yield return new ValidationResult("there is a password_file already: one of them", [nameof(PasswordVariable)]);
        if (Server.Length == 0) yield break;
        if (Uri.CheckHostName(Server) == UriHostNameType.Unknown) yield return new ValidationResult("must be a name or an address", [nameof(Server)]);
        if (!IsAddress(From)) yield return new ValidationResult("must be an address such as breakwater@example.net", [nameof(From)]);
        if (To.Count == 0) yield return new ValidationResult("has no address", [nameof(To)]);
        foreach (var to in To.Where(t => !IsAddress(t))) yield return new ValidationResult($"'{to}' is not an address such as noc@example.net", [nameof(To)]);
        if (User.Length > 0 && PasswordFile.Length == 0 && PasswordVariable.Length == 0) yield return new ValidationResult("needs password_file or password_variable", [nameof(User)]);
        if (User.Length > 0 && Security == SmtpSecurity.None) yield return new ValidationResult("would send the password in the clear: use starttls or tls", [nameof(Security)]);
    }

    /// <summary>Enough to keep an address from being anything else in SMTP: one "@", and nothing that ends it.</summary>
    private static bool IsAddress(string text) =>
        text.Length <= 254 && text.Count(c => c == '@') == 1 && text[0] != '@' && text[^1] != '@' && text.All(c => c is > ' ' and < '\x7F' and not ('<' or '>' or ',' or '"'));
}
