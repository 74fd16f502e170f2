namespace Breakwater.Fuzz;

/// <summary>One parser under attack by mutated input. A new parser is one class that implements this and one line in <see cref="FuzzTargets"/>.</summary>
public interface IFuzzTarget
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>Good inputs to start from: generated ones always, captured ones when they are on this machine.</summary>
    IReadOnlyList<byte[]> Corpus { get; }

    /// <summary>Words that the format gives a meaning to, for mutations that random bytes would never hit; empty for binary formats.</summary>
    IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Gives one input to the parser, whose state stays from input to input as it would in a running service.</summary>
    /// <returns>What the parser said, out of a short closed list: "none" for no error, or the kind of error.</returns>
    string Feed(ReadOnlyMemory<byte> input);
}
