using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Everything remembered of one observation domain (RFC 7011 §2) or NetFlow v9 source identifier of one exporter.</summary>
internal sealed class ObservationDomain(IpAddr address, uint id)
{
    private Template? _last;

    /// <summary>Counts messages; what templates' <see cref="Template.LastUsed"/> is measured in.</summary>
    public long Messages;

    public SequenceTracker Sequence;

    public IpAddr Address { get; } = address;
    public uint Id { get; } = id;

    /// <summary>The exporter whose counters show this domain; null after a restart until it is heard again.</summary>
    public Exporter? Exporter { get; set; }

    public Dictionary<ushort, Template> Templates { get; } = [];

    /// <summary>Rates learned before a restart, to be announced again once the exporter is heard.</summary>
    public List<SamplingRate>? Remembered { get; set; }

    /// <summary>When the exporter booted, in milliseconds since 1970, as its options told (IE 160); null when they did not.</summary>
    public ulong? BootMilliseconds { get; set; }

    public SamplingCache Sampling { get; } = new();

    /// <summary>Data sets whose template has not come yet, in order of arrival.</summary>
    public Queue<WaitingSet> Waiting { get; } = new(0);

    /// <summary>True when a template came that data may be waiting for.</summary>
    public bool HasNews { get; set; }

    /// <summary>Its places in the orders of <see cref="TemplateStore"/>: among all domains, and among its exporter's.</summary>
    public LinkedListNode<ObservationDomain>? AmongAll { get; set; }

    public LinkedListNode<ObservationDomain>? AmongExporters { get; set; }

    public Template? Find(ushort templateId)
    {
        if (_last is { } last && last.Id == templateId)
        {
            last.LastUsed = Messages;
            return last;
        }
        if (!Templates.TryGetValue(templateId, out var template)) return null;
        template.LastUsed = Messages;
        return _last = template;
    }

    /// <summary>Rates announced for this domain, or remembered from before a restart and not yet confirmed.</summary>
    public IReadOnlyList<SamplingRate> Rates() =>
        Remembered ?? [.. from rate in Exporter?.Sampling.Rates ?? [] where rate.Domain == Id select new SamplingRate(rate.Scope, rate.Key, rate.Rate)];

    /// <summary>Forgets the shortcut to the template last used, after a change of <see cref="Templates"/>.</summary>
    public void TemplatesChanged() => _last = null;
}

/// <summary>A sampling rate 1:<paramref name="Rate"/> and what it was announced for.</summary>
internal readonly record struct SamplingRate(SamplingScope Scope, uint Key, uint Rate);

/// <summary>A data set that waits for its template.</summary>
/// <param name="Bytes">The set's content after <see cref="FieldSlot.Lead"/> bytes of anything.</param>
/// <param name="Clock">The times of the message that it came in.</param>
internal sealed record WaitingSet(ushort TemplateId, byte[] Bytes, ExportClock Clock);
