using System.Security.Cryptography;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>Somebody of the configuration who connects to us, with the key.</summary>
/// <param name="Psk">Null when it comes with a certificate.</param>
internal sealed record DotsClientEntry(DotsClientProfile Profile, byte[]? Psk);

/// <summary>Who may connect to us, and our own keys; read once from files.</summary>
internal sealed class DotsClients
{
    private readonly Dictionary<string, DotsClientEntry> _byPsk = [];
    private readonly Dictionary<string, DotsClientEntry> _byCertificate = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidDataException">A file cannot be used.</exception>
    public DotsClients(DotsKeys keys, IEnumerable<(DotsClientProfile Profile, DotsCredentialOptions Credential)> clients)
    {
        Keys = keys;
        foreach (var (profile, credential) in clients)
        {
            var entry = new DotsClientEntry(profile, credential.PskFile.Length > 0 ? DotsKeys.ReadPsk(credential.PskFile) : null);
            if (entry.Psk is not null) _byPsk[credential.PskIdentity] = entry;
            foreach (var certificate in credential.CertificateNames) _byCertificate[certificate] = entry;
        }
    }

    /// <summary>Those who may ask us to protect them.</summary>
    /// <exception cref="InvalidDataException">A file cannot be used.</exception>
    public static DotsClients Of(DotsServerSection section) => new(
        new DotsKeys(section.CertificateFile, section.KeyFile, section.AuthorityFile),
        section.Clients.Select(c => (ProfileOf(c.Key, c.Value), (DotsCredentialOptions)c.Value)));

    private static DotsClientProfile ProfileOf(string name, DotsClientOptions options) =>
        new(name, options.Prefixes, options.Hosts.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.Addresses), options.Gateway);

    public DotsKeys Keys { get; }
    public bool HasPreSharedKeys => _byPsk.Count > 0;

    /// <summary>Random, of this run.</summary>
    public byte[] NobodysKey { get; } = RandomNumberGenerator.GetBytes(32);

    public DotsClientEntry? ByPskIdentity(string identity) => _byPsk.GetValueOrDefault(identity);

    public DotsClientEntry? ByCertificate(IReadOnlyList<string> names) => names.Select(n => _byCertificate.GetValueOrDefault(n)).FirstOrDefault(e => e is not null);
}
