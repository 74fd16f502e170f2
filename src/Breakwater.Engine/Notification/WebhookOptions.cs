using System.ComponentModel.DataAnnotations;

namespace Breakwater.Engine.Notification;

/// <summary>Section <c>notifications.webhook</c> of the configuration file: notices as JSON by POST, signed.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    /// <summary>Address of the receiver, http or https; empty for none.</summary>
    public string Url { get; set; } = "";

    /// <summary>File with the secret that requests are signed with; with "whsec_" in front it is base64. Without a secret they are not signed.</summary>
    public string SecretFile { get; set; } = "";

    /// <summary>Environment variable with the secret, where there is no file.</summary>
    public string SecretVariable { get; set; } = "";

    /// <summary>File with the certificates of those who issue the receiver's certificate, PEM; empty for the system's.</summary>
    public string AuthorityFile { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url.Length > 0 && !NotifierTls.IsHttp(Url)) yield return new ValidationResult("must be an http or https address without a user name", [nameof(Url)]);
        if (SecretFile.Length > 0 && SecretVariable.Length > 0) yield return new ValidationResult("there is a secret_file already: one of them", [nameof(SecretVariable)]);
    }
}
