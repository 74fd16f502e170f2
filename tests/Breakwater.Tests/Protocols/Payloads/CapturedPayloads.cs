using Breakwater.Core.Flows;
using Breakwater.Engine;
using Breakwater.Protocols.Captures;

namespace Breakwater.Tests.Protocols.Payloads;

/// <summary>Everything that the payload readers tell of a capture, a line each.</summary>
internal static class CapturedPayloads
{
    public static IReadOnlyList<string> Of(string capture)
    {
        var readers = Composition.Default.CreatePayloadReaders();
        var sink = new RecordingSink();
        var batch = new FlowBatch();
        using var reader = CaptureFormats.Open(File.OpenRead(SharedData.Path("captures", capture)), capture);
        while (reader.Read(batch))
            for (var i = 0; i < batch.Count; i++)
            {
                ref readonly var flow = ref batch.Flows[i];
                foreach (var payload in readers)
                    if (payload.Wants(flow)) payload.Read(flow, batch.PacketOf(i, out _), batch.LinkType, sink);
            }
        return sink.Lines;
    }
}
