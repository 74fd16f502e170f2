using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Nftables;

namespace Breakwater.Fuzz.Targets;

/// <summary>What nft says: a problem where it cannot be read, no negative counts, and nothing kept of what could not be read.</summary>
public sealed class NftablesTarget : IFuzzTarget
{
    private static readonly string[] Names = [.. Enum.GetValues<DecodeError>().Select(e => e.ToString())];

    public string Name => "nftables-json";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. NftablesCorpus.Listings()];

    public IReadOnlyList<byte[]> Tokens { get; } =
        [.. new[] { "{", "}", "[", "]", "null", "-1", "1e308", "99999999999999999999", "\"\\ud800\"", "\"elem\":", "\"map\":", "\"rule\":", "\"counter\":", "\"jump\":", "\"val\":", "\"handle\":" }.Select(Encoding.UTF8.GetBytes)];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var error = NftTable.Read(input, out var table, out var problem);
        if (error == DecodeError.None != problem is null) throw new InvalidOperationException("an error without a problem, or the reverse");
        if (error != DecodeError.None && (table.Counters.Count | table.Chains.Count | table.Elements.Count) != 0) throw new InvalidOperationException("half a table is taken for one");
        if (table.Counters.Values.Any(c => c.Packets < 0 || c.Bytes < 0)) throw new InvalidOperationException("a negative count");
        NftTable.Find(input, "breakwater", out _, out _);
        return Names[(int)error];
    }
}
