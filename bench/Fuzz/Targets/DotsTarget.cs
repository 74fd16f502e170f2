using Breakwater.Core.Flows;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Dots;

namespace Breakwater.Fuzz.Targets;

/// <summary>Bodies of DOTS messages: what is read must be writable, and read back to the same.</summary>
public sealed class DotsTarget : IFuzzTarget
{
    private static readonly string[] Names = [.. Enum.GetValues<DecodeError>().Select(e => e.ToString())];

    public string Name => "dots";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. DotsCorpus.Bodies()];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var error = DotsBody.Read(input.Span, out var body, out var problem);
        if (error == DecodeError.None != problem is null) throw new InvalidOperationException("an error without a problem, or the reverse");
        if (error != DecodeError.None) return Names[(int)error];
        DotsBody.Read(DotsBody.Write(body), out var again, out _);
        if (body.ToJsonString() != again.ToJsonString()) throw new InvalidOperationException("a body does not survive writing");
        return Names[(int)error];
    }
}
