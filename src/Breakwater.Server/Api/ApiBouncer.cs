using System.ComponentModel.DataAnnotations;

namespace Breakwater.Server.Api;

/// <summary>One of <c>api.bouncers</c>: a CrowdSec bouncer that takes our decisions. Its key itself is stored nowhere, only its hash.</summary>
public sealed class ApiBouncer : IValidatableObject
{
    /// <summary>What it is called.</summary>
    [Required, MinLength(1), MaxLength(64)]
    public string Name { get; set; } = "";

    /// <summary>SHA-256 of its key in hexadecimal: <c>printf %s KEY | sha256sum</c>. Use a random key of 256 bits.</summary>
    [Required]
    public string Sha256 { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Sha256.Length != 64 || !Sha256.All(char.IsAsciiHexDigit))
            yield return new ValidationResult("must be 64 hexadecimal digits: the SHA-256 of the key", [nameof(Sha256)]);
    }
}
