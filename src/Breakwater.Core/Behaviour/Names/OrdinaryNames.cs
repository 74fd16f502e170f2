namespace Breakwater.Core.Behaviour.Names;

/// <summary>How much a label looks as if people had chosen it: the cost, in bits a letter, under a model of ordinary domain names.</summary>
/// <remarks>
/// A trigram model over letters, hyphen and "digit", interpolated with two and one letters; made and measured by <c>generate-ordinary-names.py</c>. Names that
/// algorithms draw letter by letter cost more than people's; names made of words do not, and are not found this way.
/// </remarks>
public static partial class OrdinaryNames
{
    /// <summary>Bits a letter that one in a hundred ordinary registered names passes, of those held out when the model was made (measured: 0.9 %).</summary>
    public const double OddCost = 5.4;

    private const int Symbols = 29;
    private const double Step = 0.25, Turn = 2;
    private const byte Lowest = (byte)'#';

    /// <param name="label">One label, letters in lower case. Octets that no host name has count as the hyphen.</param>
    /// <returns>Bits a letter, the end counted as one; 0 for an empty label.</returns>
    public static double CostOf(ReadOnlySpan<byte> label)
    {
        var bits = BitsOf(label);
        return label.IsEmpty ? 0 : bits / (label.Length + 1);
    }

    /// <summary>Bits that the whole label costs.</summary>
    public static double BitsOf(ReadOnlySpan<byte> label)
    {
        int first = 0, second = 0, steps = 0, turns = 0;
        var costs = Costs;
        for (var i = 0; i <= label.Length; i++)
        {
            var third = i < label.Length ? SymbolOf(label[i]) : 0;
            steps += costs[(first * Symbols + second) * Symbols + third] - Lowest;
            // Going from letters to digits and back again and again is what hexadecimal looks like; people do it once or twice.
            if (i > 0 && third != 0 && (second == Digit) != (third == Digit)) turns++;
            first = second;
            second = third;
        }
        return steps * Step + Math.Max(0, turns - 2) * Turn;
    }

    private const int Digit = 27, Hyphen = 28;

    private static int SymbolOf(byte octet) => octet switch
    {
        >= (byte)'a' and <= (byte)'z' => octet - 'a' + 1,
        >= (byte)'0' and <= (byte)'9' => Digit,
        _ => Hyphen,
    };
}
