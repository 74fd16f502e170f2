using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Fuzz.Targets;

/// <summary>Flow specifications of both families. One that can be read is written again and must be the same rule.</summary>
public sealed class FlowSpecTarget : IFuzzTarget
{
    private int _inputs;

    public string Name => "flowspec";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. BgpCorpus.Rules.Where(r => r.Family == BgpFamily.Ipv4FlowSpec).Select(r => r.Encode())];

    public IReadOnlyList<byte[]> Tokens { get; } = [.. BgpCorpus.Rules.Where(r => r.Family == BgpFamily.Ipv6FlowSpec).Select(r => r.Encode())];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        // The corpus is IPv4; one input in four is read as IPv6.
        var family = (_inputs++ & 3) == 3 ? BgpFamily.Ipv6FlowSpec : BgpFamily.Ipv4FlowSpec;
        var good = Read(family, input.Span) || Read(BgpFamily.Ipv4FlowSpec, input.Span);
        return good ? "None" : "refused";
    }

    private static bool Read(BgpFamily family, ReadOnlySpan<byte> bytes)
    {
        if (!FlowSpecRule.TryDecode(family, bytes, out var rule, out _)) return false;
        if (!FlowSpecRule.TryDecode(family, rule.Encode(), out var again, out _) || !again.Equals(rule)) throw new InvalidOperationException($"{rule} became {again}");
        if (FlowSpecOrder.Instance.Compare(rule, again) != 0) throw new InvalidOperationException($"{rule} does not stand with itself");
        FlowSpecMapping.TryMatch(rule, out _);
        return true;
    }
}
