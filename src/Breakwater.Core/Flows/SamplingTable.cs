namespace Breakwater.Core.Flows;

/// <summary>What is known of an exporter's sampling.</summary>
public enum SamplingState : byte
{
    /// <summary>Nothing was announced and nothing configured: counts are taken as they are, and shown as uncertain.</summary>
    Unknown,

    /// <summary>The exporter announced its rate (1 means: announced as unsampled).</summary>
    Announced,

    /// <summary>The operator's configuration overrides whatever is announced.</summary>
    Configured,
}

/// <summary>Sampling rates of one exporter by (observation domain, sampler or interface), bounded.</summary>
/// <remarks>
/// Announced to and looked up by one receiver at a time; meanwhile <see cref="Rates"/> may be read, and overrides set, by anyone.
/// </remarks>
public sealed class SamplingTable
{
    /// <summary>Entries kept per exporter; a router has a sampler per line card or interface, seldom more than hundreds.</summary>
    public const int MaxEntries = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<(uint Domain, uint Key, SamplingScope Scope), uint> _rates = [];
    private int _version;

    /// <summary>Rate that the operator set for this exporter, 1:N; 0 for none.</summary>
    public uint Override
    {
        get;
        set
        {
            field = value;
            Interlocked.Increment(ref _version);
        }
    }

    /// <summary>Rates that the operator set per input interface (ifIndex), 1:N. Once records are decoded, replace it whole.</summary>
    public Dictionary<uint, uint> InterfaceOverrides
    {
        get;
        set
        {
            field = value;
            Interlocked.Increment(ref _version);
        }
    } = [];

    public SamplingState State =>
        Override != 0 || InterfaceOverrides.Count > 0 ? SamplingState.Configured
        : _rates.Count > 0 ? SamplingState.Announced
        : SamplingState.Unknown;

    /// <summary>Announced rates now, for display.</summary>
    public IReadOnlyList<(uint Domain, SamplingScope Scope, uint Key, uint Rate)> Rates
    {
        get { lock (_gate) return [.. _rates.Select(r => (r.Key.Domain, r.Key.Scope, r.Key.Key, r.Value))]; }
    }

    /// <summary>Changes at every announcement or override that differs, so that decoders may cache a look-up.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Keeps what an options record or a header announced.</summary>
    /// <returns>False when the table is full or the rate is 0.</returns>
    public bool Announce(uint domain, SamplingScope scope, uint key, uint rate)
    {
        if (rate == 0) return false;
        if (_rates.TryGetValue((domain, key, scope), out var known) && known == rate) return true;
        if (_rates.Count >= MaxEntries && !_rates.ContainsKey((domain, key, scope))) return false;
        lock (_gate) _rates[(domain, key, scope)] = rate;
        Interlocked.Increment(ref _version);
        return true;
    }

    /// <summary>The rate for a record: override by interface, override by exporter, sampler, selector, interface, then the whole domain.</summary>
    /// <param name="domain">Observation domain or source identifier.</param>
    /// <param name="sampler">samplerId or selectorId carried by the record; null when it carries none.</param>
    /// <param name="inputInterface">ifIndex carried by the record; 0 when it carries none.</param>
    /// <param name="rate">1:N, at least 1.</param>
    /// <returns>False when nothing is known; <paramref name="rate"/> is then 1.</returns>
    public bool TryFind(uint domain, uint? sampler, uint inputInterface, out uint rate)
    {
        if (inputInterface != 0 && InterfaceOverrides.TryGetValue(inputInterface, out rate)) return true;
        rate = Override;
        if (rate != 0) return true;
        if (sampler is { } id && _rates.TryGetValue((domain, id, SamplingScope.Sampler), out rate)) return true;
        // Also for interface 0: softflowd announces its rate for that one, and its records name it.
        if (_rates.TryGetValue((domain, inputInterface, SamplingScope.Interface), out rate)) return true;
        if (_rates.TryGetValue((domain, 0, SamplingScope.Domain), out rate)) return true;
        rate = 1;
        return false;
    }
}

/// <summary>What a sampling rate was announced for.</summary>
public enum SamplingScope : byte
{
    Domain,

    /// <summary>A samplerId (NetFlow v9, IE 48) or selectorId (IPFIX, IE 302).</summary>
    Sampler,

    /// <summary>An interface (ifIndex).</summary>
    Interface,
}
