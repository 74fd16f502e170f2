using System.Buffers;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Ipfix;

/// <summary>A decoder whose templates and sampling rates can be kept over a restart, so that the first minutes are not lost.</summary>
/// <remarks>Exporters send templates and options again only every few minutes (RFC 7011 §8.4); without them data cannot be read.</remarks>
public interface ITemplateMemory
{
    /// <summary>Writes everything known, in a versioned form of its own.</summary>
    void Export(IBufferWriter<byte> output);

    /// <summary>Takes over what <see cref="Export"/> wrote. Damaged parts are left out, the others kept; never throws.</summary>
    /// <returns>Templates taken over.</returns>
    int Import(ReadOnlySpan<byte> saved);

    /// <summary>Every field of every data record in a datagram, by the templates known now. For people; allocates.</summary>
    IReadOnlyList<DataRecord> ListRecords(ReadOnlySpan<byte> datagram, Exporter exporter);
}
