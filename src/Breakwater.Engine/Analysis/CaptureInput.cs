using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.Pcap;

namespace Breakwater.Engine.Analysis;

/// <summary>Opens capture and flow files. What <c>analyze</c> and a replay read goes through here, so they read the same.</summary>
public static class CaptureInput
{
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream Open(string file) =>
        // A buffer of its own would only be copied once more: the readers fetch large blocks.
        new(file, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite });

    /// <param name="stream">The reader closes it.</param>
    /// <param name="name">For messages only.</param>
    /// <param name="content">What the packets of a capture are taken for; flow files are read as what they are.</param>
    /// <exception cref="UnknownCaptureFormatException">The content is of no format understood; the stream has been closed.</exception>
    public static ICaptureReader Read(Stream stream, string name, CaptureContent content = CaptureContent.Auto)
    {
        var reader = CaptureFormats.Open(stream, name);
        return reader is PcapReader or PcapNgReader
            ? new ExportCaptureReader(reader, static () => Composition.Default.CreateFlowDecoders(new TemplateOptions()), content)
            : reader;
    }
}
