using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Xarf;

namespace Breakwater.Engine.Sharing;

/// <summary>What may be told of an incident, and what was told. Inert until asked: its files are made when they are first needed. Thread-safe.</summary>
public sealed class SharingDesk : IDisposable
{
    private readonly TimeProvider _time;
    private readonly string _file;
    private readonly Lazy<Guid> _space;
    private readonly Lazy<SharedObjects> _objects;
    private readonly Func<Rules> _configured;
    private Rules _rules;

    /// <param name="options">Section <c>sharing</c>.</param>
    /// <param name="network">What is ours.</param>
    /// <param name="folder">Where the namespace and the objects are kept.</param>
    public SharingDesk(SharingOptions options, HomeNetwork network, string folder, TimeProvider time)
    {
        (_time, _file) = (time, Path.Combine(folder, "sharing.db"));
        _space = new(() => SharingNamespace.Load(Path.Combine(folder, "sharing-namespace")));
        _objects = new(() => new SharedObjects(_file, Options.MaxObjects, time));
        _configured = () =>
        {
            var now = options.Snapshot();
            return new Rules(now, new SharingPolicy(now, network, ReferenceOf));
        };
        _rules = _configured();
    }

    /// <summary>The options in force: always those of one configuration, never half of the next.</summary>
    public SharingOptions Options => Volatile.Read(ref _rules).Options;

    /// <summary>The options were changed; from now on the new ones decide.</summary>
    public void TakeUpOptions()
    {
        Volatile.Write(ref _rules, _configured());
        if (_objects.IsValueCreated) _objects.Value.Capacity = Options.MaxObjects;
    }

    /// <summary>What others may fetch.</summary>
    /// <exception cref="StoreException">Its file cannot be used.</exception>
    public SharedObjects Objects => _objects.Value;

    /// <summary>True where something was told, or may have been: only then is there a file to look into.</summary>
    public bool HasTold => _objects.IsValueCreated || File.Exists(_file);

    /// <summary>Who writes.</summary>
    public StixSettings Stix => new(_space.Value, Options.Organisation, Options.Contact, Options.Tlp1, Options.IndicatorLifetime);

    /// <summary>Who complains; null where no contact is configured.</summary>
    public XarfSender? Sender => Options.Contact.Length == 0 ? null
        : new XarfSender(Options.Organisation, Options.Contact, Options.Domain.Length > 0 ? Options.Domain : Options.Contact[(Options.Contact.LastIndexOf('@') + 1)..], _space.Value);

    /// <summary>What may be told of an incident; null where nothing may, and then why.</summary>
    public SharedIncident? Decide(Incident incident, out string refusal) => Volatile.Read(ref _rules).Policy.Decide(incident, out refusal);

    /// <summary>What others know an incident by.</summary>
    public Guid ReferenceOf(string incident) => StixId.Uuid5(_space.Value, System.Text.Encoding.UTF8.GetBytes($"incident|{incident}"));

    /// <summary>Makes an incident ready to be fetched; takes it back where it may no longer be told.</summary>
    /// <returns>Versions of objects added.</returns>
    public int Publish(Incident incident)
    {
        var now = Timestamp.From(_time.GetUtcNow());
        var reference = ReferenceOf(incident.Id);
        if (Decide(incident, out _) is { } shared) return Objects.Add(reference, shared.Marking, StixReport.Objects(shared, Stix, now));
        return IsReversal(incident) ? Objects.Revoke(reference, now) : 0;
    }

    /// <summary>The finding was wrong: what was told of it is taken back for good.</summary>
    /// <returns>Versions of objects added.</returns>
    public int Reverse(string incident) => Objects.Revoke(ReferenceOf(incident), Timestamp.From(_time.GetUtcNow()));

    public void Dispose()
    {
        if (_objects.IsValueCreated) _objects.Value.Dispose();
    }

    /// <summary>An incident that sank to nothing is part of another, or was an error: a policy that has become stricter takes nothing back.</summary>
    private static bool IsReversal(Incident incident) => incident.State == IncidentState.Ended && (incident.Severity == Severity.Info || incident.Confidence <= 0);

    private sealed record Rules(SharingOptions Options, SharingPolicy Policy);
}
