using System.ComponentModel.DataAnnotations;

namespace Breakwater.Engine.Notification;

/// <summary>Section <c>notifications.crowdsec</c> of the configuration file: incidents as alerts in a CrowdSec local API.</summary>
/// <remarks>The other way, giving our decisions to bouncers, is <c>api.bouncers</c>.</remarks>
public sealed class CrowdSecOptions : IValidatableObject
{
    /// <summary>Address of the local API, such as http://127.0.0.1:8080; empty for none.</summary>
    public string Url { get; set; } = "";

    /// <summary>Name of the machine that <c>cscli machines add</c> was given.</summary>
    public string MachineId { get; set; } = "";

    /// <summary>File with its password.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>Environment variable with its password, where there is no file.</summary>
    public string PasswordVariable { get; set; } = "";

    /// <summary>File with the certificates of those who issue the local API's certificate, PEM; empty for the system's.</summary>
    public string AuthorityFile { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PasswordFile.Length > 0 && PasswordVariable.Length > 0) yield return new ValidationResult("there is a password_file already: one of them", [nameof(PasswordVariable)]);
        if (Url.Length == 0) yield break;
        if (!NotifierTls.IsHttp(Url)) yield return new ValidationResult("must be an http or https address without a user name", [nameof(Url)]);
        if (MachineId.Length == 0) yield return new ValidationResult("is needed to log in", [nameof(MachineId)]);
        if (PasswordFile.Length == 0 && PasswordVariable.Length == 0) yield return new ValidationResult("needs password_file or password_variable", [nameof(MachineId)]);
    }
}
