using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Fuzz.Targets;

/// <summary>A decoder of an export protocol, told that the inputs come from four exporters in turn.</summary>
public sealed class FlowDecoderTarget(IFlowDecoder decoder, IEnumerable<byte[]> corpus) : IFuzzTarget
{
    private static readonly string[] Names = [.. Enum.GetValues<DecodeError>().Select(e => e.ToString())];

    private readonly Exporter[] _exporters = [.. Enumerable.Range(1, 4).Select(n => new Exporter(IpAddr.V4(0xC000_0200 + (uint)n), (ushort)n))];
    private readonly FlowBatch _batch = new();
    private long _inputs;

    public string Name => decoder.Name;

    public IReadOnlyList<byte[]> Corpus { get; } = [.. corpus];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        _batch.Clear();
        var receivedAt = Timestamp.FromUnixMilliseconds(1_700_000_000_000 + _inputs);
        var exporter = _exporters[_inputs++ % _exporters.Length];
        var error = decoder.Recognises(input.Span) ? decoder.Decode(input.Span, exporter, receivedAt, _batch) : DecodeError.UnsupportedVersion;
        FlowContract.Check(_batch.Flows);
        return Names[(int)error];
    }
}
