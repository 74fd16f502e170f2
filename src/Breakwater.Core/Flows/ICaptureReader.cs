namespace Breakwater.Core.Flows;

/// <summary>Reads a capture or flow file from front to back, in bounded memory, into batches.</summary>
/// <remarks>Never throws on what the bytes are; a stream that fails throws <see cref="IOException"/>. Dispose closes the stream.</remarks>
public interface ICaptureReader : IDisposable
{
    /// <summary>For the report: <c>pcap</c>, <c>pcapng</c>, <c>zeek-conn</c>, <c>argus-binetflow</c>; ".gz" is appended when compressed.</summary>
    string Format { get; }

    /// <summary>Octets of the (uncompressed) stream consumed so far.</summary>
    long Position { get; }

    /// <summary>Packets read so far; 0 for flow files.</summary>
    long Packets { get; }

    /// <summary>Packets or lines that held no flow: not IP or ARP, or malformed.</summary>
    long Skipped { get; }

    /// <summary>What was wrong with the file, in words that name field and offset, at most 20: "truncated at octet 1204: packet of 74 octets has 12".</summary>
    IReadOnlyList<string> Problems { get; }

    /// <summary>Clears the batch and fills it with the next flows, up to <see cref="FlowBatch.HandOver"/>.</summary>
    /// <returns>False at the end of the file: the batch is empty.</returns>
    bool Read(FlowBatch batch);
}
