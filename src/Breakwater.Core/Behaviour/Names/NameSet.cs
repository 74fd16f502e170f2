namespace Breakwater.Core.Behaviour.Names;

/// <summary>A fixed set of names, asked by octets without making text of them.</summary>
internal sealed class NameSet
{
    private const int Longest = 64;

    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _names;

    public NameSet(params ReadOnlySpan<string> names) =>
        _names = new HashSet<string>(names.ToArray(), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public bool Contains(ReadOnlySpan<byte> name)
    {
        if (name.Length > Longest) return false;
        Span<char> text = stackalloc char[Longest];
        for (var i = 0; i < name.Length; i++) text[i] = (char)name[i];
        return _names.Contains(text[..name.Length]);
    }
}
