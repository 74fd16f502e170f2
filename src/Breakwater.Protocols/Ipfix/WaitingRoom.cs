using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Keeps data sets that came before their template, within bounds of number, octets and time.</summary>
/// <remarks>RFC 7011 §8.2: a collector may get data first when datagrams are lost or reordered, and after it starts.</remarks>
internal sealed class WaitingRoom(TemplateOptions options)
{
    private int _sets;
    private long _bytes;

    /// <returns>False when there is no room: the set is dropped, and counted.</returns>
    public bool TryAdd(ObservationDomain domain, ushort templateId, ReadOnlySpan<byte> content, in ExportClock clock)
    {
        DropExpired(domain, clock.ReceivedAt);
        var size = content.Length + FieldSlot.Lead;
        if (_sets >= options.MaxWaitingSets || _bytes + size > options.MaxWaitingBytes || domain.Waiting.Count >= options.MaxWaitingSetsPerDomain)
        {
            if (domain.Exporter is { } exporter) exporter.DroppedWithoutTemplate++;
            return false;
        }
        var bytes = new byte[size];
        content.CopyTo(bytes.AsSpan(FieldSlot.Lead));
        domain.Waiting.Enqueue(new WaitingSet(templateId, bytes, clock));
        Count(domain, 1, size);
        return true;
    }

    /// <summary>Takes the set that waits longest; put it back with <see cref="Return"/> when its template is still missing.</summary>
    public WaitingSet? Take(ObservationDomain domain)
    {
        if (!domain.Waiting.TryDequeue(out var set)) return null;
        Count(domain, -1, -set.Bytes.Length);
        return set;
    }

    public void Return(ObservationDomain domain, WaitingSet set)
    {
        domain.Waiting.Enqueue(set);
        Count(domain, 1, set.Bytes.Length);
    }

    /// <summary>Drops and counts the sets that waited too long for their template.</summary>
    public void DropExpired(ObservationDomain domain, Timestamp now)
    {
        while (domain.Waiting.TryPeek(out var set) && now - set.Clock.ReceivedAt > options.MaxWaitingTime) Drop(domain);
    }

    public void DropAll(ObservationDomain domain)
    {
        while (domain.Waiting.Count > 0) Drop(domain);
    }

    private void Drop(ObservationDomain domain)
    {
        Take(domain);
        if (domain.Exporter is { } exporter) exporter.DroppedWithoutTemplate++;
    }

    private void Count(ObservationDomain domain, int sets, int bytes)
    {
        _sets += sets;
        _bytes += bytes;
        if (domain.Exporter is { } exporter) exporter.WaitingForTemplate += sets;
    }
}
