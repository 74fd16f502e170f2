using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;

namespace Breakwater.Server.Api;

/// <summary>What a token allows; each role may also do what the ones before it may.</summary>
public enum ApiRole : byte
{
    /// <summary>Fetch what is told to others, by TAXII; nothing else.</summary>
    Partner,

    /// <summary>Look at everything.</summary>
    Viewer,

    /// <summary>Act on incidents and mitigations.</summary>
    Operator,

    /// <summary>Change who may do what.</summary>
    Admin,
}

/// <summary>One token. The token itself is stored nowhere, only its hash.</summary>
public sealed class ApiToken : IValidatableObject
{
    /// <summary>Whose it is; shown in logs.</summary>
    [Required, MinLength(1), MaxLength(64)]
    public string Name { get; set; } = "";

    /// <summary>What it allows.</summary>
    public ApiRole Role { get; set; } = ApiRole.Viewer;

    /// <summary>SHA-256 of the token in hexadecimal: <c>printf %s TOKEN | sha256sum</c>.</summary>
    /// <remarks>A plain hash is enough for a random token of 256 bits; for words that people choose it would not be.</remarks>
    [Required]
    public string Sha256 { get; set; } = "";

    /// <summary>A fresh random token and the hash to configure.</summary>
    public static (string Token, string Sha256) Generate()
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (token, Convert.ToHexStringLower(Hash(token)));
    }

    internal static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Sha256.Length != 64 || !Sha256.All(char.IsAsciiHexDigit))
            yield return new ValidationResult("must be 64 hexadecimal digits: the SHA-256 of the token", [nameof(Sha256)]);
    }
}
