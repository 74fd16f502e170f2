using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Dots;

/// <summary>Somebody who connects to us: how it proves who it is, and its prefixes.</summary>
public abstract class DotsCredentialOptions
{
    /// <summary>Identity of its pre-shared key; empty when it comes with a certificate.</summary>
    public string PskIdentity { get; set; } = "";

    /// <summary>File with the pre-shared key: text as it is, or "hex:" and hexadecimal digits.</summary>
    public string PskFile { get; set; } = "";

    /// <summary>Names in its certificate, as DNS name or common name.</summary>
    public IList<string> CertificateNames { get; set; } = [];

    /// <summary>Its network: what it may have protected, or what it may be asked to keep from sending; nothing else.</summary>
    public IReadOnlyList<Prefix> Prefixes { get; set; } = [];

    /// <param name="all">By name.</param>
    /// <param name="key">The key that they stand under.</param>
    /// <param name="certificates">Whether we have a certificate and know whose to trust.</param>
    internal static IEnumerable<ValidationResult> Problems(IEnumerable<(string Name, DotsCredentialOptions Options)> all, string key, bool certificates)
    {
        var identities = new Dictionary<string, string>();
        foreach (var (name, client) in all)
        {
            if (client.PskIdentity.Length > 0 != client.PskFile.Length > 0) yield return Problem("a pre-shared key needs an identity and a file");
            if (client.PskIdentity.Length == 0 && client.CertificateNames.Count == 0) yield return Problem("needs a pre-shared key or certificate_names: otherwise it cannot prove who it is");
            if (client.Prefixes.Count == 0) yield return Problem("has no prefixes: nothing could be asked for");
            if (client.CertificateNames.Count > 0 && !certificates) yield return Problem("certificate_names need certificate_file and authority_file beside them");
            if (client.PskIdentity.Length > 0 && !identities.TryAdd(client.PskIdentity, name)) yield return Problem($"psk_identity '{client.PskIdentity}' is that of '{identities[client.PskIdentity]}' already");

            ValidationResult Problem(string message) => new(message, [$"{key}.{name}"]);
        }
    }
}
