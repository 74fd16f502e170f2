using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Engine.Analysis;
using Breakwater.Protocols.Captures;

namespace Breakwater.Fuzz.Targets;

/// <summary>The readers of capture and flow files, from recognising the format to the last flow.</summary>
public sealed class CaptureTarget(string name, IEnumerable<byte[]> corpus, params string[] tokens) : IFuzzTarget
{
    /// <summary>A gzip bomb of 64 KiB unpacks to 64 MiB; whoever reads more from one input is not going to stop.</summary>
    private const long MaxFlows = 10_000_000;

    private readonly FlowBatch _batch = new();

    public string Name => name;

    public IReadOnlyList<byte[]> Corpus { get; } = [.. corpus];

    public IReadOnlyList<byte[]> Tokens { get; } = [.. tokens.Select(Encoding.UTF8.GetBytes)];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        try
        {
            using var reader = CaptureInput.Read(new MemoryStream(input.ToArray()), "input");
            long flows = 0;
            while (reader.Read(_batch))
            {
                FlowContract.Check(_batch.Flows);
                flows += _batch.Count;
                if (flows > MaxFlows) throw new InvalidOperationException($"{flows} flows out of {input.Length} octets");
            }
            return reader.Problems.Count == 0 ? "None" : "Problems";
        }
        catch (UnknownCaptureFormatException)
        {
            return "UnknownFormat";
        }
    }
}
