using System.Security.Cryptography;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>A client of the configuration, with its key.</summary>
/// <param name="Psk">Null when it comes with a certificate.</param>
internal sealed record DotsClientEntry(DotsClientProfile Profile, DotsClientOptions Options, byte[]? Psk);

/// <summary>Who may ask us, and our own keys; read once from files.</summary>
internal sealed class DotsClients
{
    private readonly Dictionary<string, DotsClientEntry> _byPsk = [];
    private readonly Dictionary<string, DotsClientEntry> _byCertificate = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DotsClientEntry> _byName = [];

    /// <exception cref="InvalidDataException">A file cannot be used.</exception>
    public DotsClients(DotsServerSection section)
    {
        Keys = new DotsKeys(section.CertificateFile, section.KeyFile, section.AuthorityFile);
        foreach (var (name, options) in section.Clients)
        {
            var hosts = options.Hosts.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.Addresses);
            var profile = new DotsClientProfile(name, options.Prefixes, hosts, options.Gateway);
            var entry = new DotsClientEntry(profile, options, options.PskFile.Length > 0 ? DotsKeys.ReadPsk(options.PskFile) : null);
            _byName[name] = entry;
            if (entry.Psk is not null) _byPsk[options.PskIdentity] = entry;
            foreach (var certificate in options.CertificateNames) _byCertificate[certificate] = entry;
        }
    }

    public DotsKeys Keys { get; }
    public bool HasPreSharedKeys => _byPsk.Count > 0;

    /// <summary>Random, of this run.</summary>
    public byte[] NobodysKey { get; } = RandomNumberGenerator.GetBytes(32);

    public DotsClientEntry? ByName(string name) => _byName.GetValueOrDefault(name);

    public DotsClientEntry? ByPskIdentity(string identity) => _byPsk.GetValueOrDefault(identity);

    public DotsClientEntry? ByCertificate(IReadOnlyList<string> names) => names.Select(n => _byCertificate.GetValueOrDefault(n)).FirstOrDefault(e => e is not null);
}
