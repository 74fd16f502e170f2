using System.Text;
using Breakwater.Core.Detection;
using Breakwater.Fuzz.Corpus;
using Breakwater.Server.Configuration;

namespace Breakwater.Fuzz.Targets;

/// <summary>The configuration file, from its text to options that a service would start with.</summary>
public sealed class ConfigurationTarget : IFuzzTarget
{
    /// <summary>Octets that reading one file of at most 64 KiB may allocate: what a file of aliases costs until it is refused, and some room.</summary>
    private const long MaxAllocated = 256 << 20;

    /// <summary>A hundred mistakes, and the one that says there are more.</summary>
    private const int MaxProblems = 101;

    /// <summary>Longest message: every key that is known, and what was written in its place.</summary>
    private const int MaxMessage = 1_000;

    public string Name => "configuration";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. ConfigurationCorpus.Files()];

    public IReadOnlyList<byte[]> Tokens { get; } = [.. ConfigurationCorpus.Tokens.Select(Encoding.UTF8.GetBytes)];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = ConfigurationFile.Parse(Encoding.UTF8.GetString(input.Span));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > MaxAllocated) throw new InvalidOperationException($"allocated {allocated} octets for a file of {input.Length}");
        if (result.IsGood)
        {
            // What the check lets pass, the service must be able to start with.
            _ = new HomeNetwork(result.Options.Home, [.. result.Options.HostGroups]);
            return "None";
        }
        if (result.Problems.Count > MaxProblems) throw new InvalidOperationException($"{result.Problems.Count} mistakes told");
        foreach (var problem in result.Problems) Check(problem, result.Problems.Count);
        return result.Problems[0].Path.Length == 0 && result.Problems.Count == 1 ? "NotYaml" : "Problems";
    }

    /// <summary>A mistake has a place and a reason, and is one line on a terminal.</summary>
    private static void Check(ConfigurationProblem problem, int count)
    {
        var isWholeFile = problem.Path.Length == 0 && problem.Line == 0;
        if (isWholeFile && count < MaxProblems) throw new InvalidOperationException($"no place: {problem}");
        if (problem.Message.Length is 0 or > MaxMessage) throw new InvalidOperationException($"message of {problem.Message.Length} characters at {problem.Path}");
        if (problem.ToString().Any(char.IsControl)) throw new InvalidOperationException($"control character in: {problem}");
    }
}
