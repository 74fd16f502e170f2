using System.Runtime.InteropServices;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Templates of all exporters of one receiver, by observation domain. Bounded in every direction by <see cref="TemplateOptions"/>.</summary>
/// <remarks>Templates are per transport session (RFC 7011 §8); over UDP that is per exporter address, since ports change at a restart.</remarks>
internal sealed class TemplateStore(TemplateOptions options)
{
    private readonly Dictionary<(IpAddr Address, uint Domain), ObservationDomain> _domains = [];

    // Both orders: least recently heard first.
    private readonly LinkedList<ObservationDomain> _all = new();
    private readonly Dictionary<IpAddr, LinkedList<ObservationDomain>> _perExporter = [];

    private ObservationDomain? _last;
    private int _fields;

    /// <summary>All domains, the least recently heard first.</summary>
    public IEnumerable<ObservationDomain> Domains => _all;

    /// <summary>Told of every domain that had to go, so that what waits for its templates can go too.</summary>
    public Action<ObservationDomain>? Evicted { get; set; }

    /// <summary>The domain of a message, made when new; another may have to go.</summary>
    public ObservationDomain Open(Exporter exporter, uint id)
    {
        var domain = _last;
        if (domain is null || domain.Exporter != exporter || domain.Id != id)
        {
            domain = Open(exporter.Address, id, exporter);
            Bind(domain, exporter);
            _last = domain;
        }
        domain.Messages++;
        return domain;
    }

    public ObservationDomain? Find(IpAddr address, uint id) => _domains.GetValueOrDefault((address, id));

    public ObservationDomain Open(IpAddr address, uint id, Exporter? exporter)
    {
        if (_domains.TryGetValue((address, id), out var domain))
        {
            MoveToEnd(domain.AmongAll!);
            MoveToEnd(domain.AmongExporters!);
            return domain;
        }
        MakeRoomForDomain(address, exporter);
        domain = new ObservationDomain(address, id);
        domain.AmongAll = _all.AddLast(domain);
        ref var siblings = ref CollectionsMarshal.GetValueRefOrAddDefault(_perExporter, address, out _);
        siblings ??= new LinkedList<ObservationDomain>();
        domain.AmongExporters = siblings.AddLast(domain);
        _domains.Add((address, id), domain);
        return domain;
    }

    /// <summary>Keeps a template, in place of one with the same identifier.</summary>
    public void Add(ObservationDomain domain, Template template)
    {
        Remove(domain, template.Id);
        if (domain.Templates.Count >= options.MaxTemplatesPerDomain)
        {
            domain.Exporter?.Count(DecodeError.TableFull);
            Remove(domain, domain.Templates.Values.MinBy(t => t.LastUsed)!.Id);
        }
        while (_fields + template.Fields.Length > options.MaxFields)
        {
            domain.Exporter?.Count(DecodeError.TableFull);
            // An exporter first pushes out its own, then whoever was silent longest; never the domain that is speaking.
            var victim = domain.AmongExporters!.List!.First!.Value;
            if (victim == domain) victim = _all.First!.Value;
            if (victim == domain) return;
            Evict(victim);
        }
        template.LastUsed = domain.Messages;
        domain.Templates.Add(template.Id, template);
        _fields += template.Fields.Length;
        if (domain.Exporter is { } exporter) exporter.Templates++;
    }

    public void Remove(ObservationDomain domain, ushort templateId)
    {
        if (!domain.Templates.Remove(templateId, out var template)) return;
        domain.TemplatesChanged();
        _fields -= template.Fields.Length;
        if (domain.Exporter is { } exporter) exporter.Templates--;
    }

    private void MakeRoomForDomain(IpAddr address, Exporter? exporter)
    {
        var isCrowded = _perExporter.TryGetValue(address, out var siblings) && siblings.Count >= options.MaxDomainsPerExporter;
        if (!isCrowded && _domains.Count < options.MaxDomains) return;
        exporter?.Count(DecodeError.TableFull);
        Evict(isCrowded ? siblings!.First!.Value : _all.First!.Value);
    }

    private void Evict(ObservationDomain domain)
    {
        Evicted?.Invoke(domain);
        foreach (var id in domain.Templates.Keys.ToArray()) Remove(domain, id);
        var siblings = domain.AmongExporters!.List!;
        siblings.Remove(domain.AmongExporters);
        if (siblings.Count == 0) _perExporter.Remove(domain.Address);
        _all.Remove(domain.AmongAll!);
        _domains.Remove((domain.Address, domain.Id));
        if (_last == domain) _last = null;
    }

    private static void MoveToEnd(LinkedListNode<ObservationDomain> node)
    {
        var list = node.List!;
        list.Remove(node);
        list.AddLast(node);
    }

    /// <summary>Shows a domain's state on the exporter that is heard, and gives it the rates remembered from before a restart.</summary>
    private static void Bind(ObservationDomain domain, Exporter exporter)
    {
        if (domain.Exporter == exporter) return;
        domain.Exporter = exporter;
        exporter.Templates += domain.Templates.Count;
        exporter.WaitingForTemplate += domain.Waiting.Count;
        foreach (var (scope, key, rate) in domain.Remembered ?? [])
        {
            exporter.Sampling.Announce(domain.Id, scope, key, rate);
            if (scope == SamplingScope.Sampler) domain.Sampling.Learn(key);
        }
        domain.Remembered = null;
    }
}
