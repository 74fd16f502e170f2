namespace Breakwater.Server.Configuration;

/// <summary>A piece of a configuration file, with its place.</summary>
/// <param name="Line">Line in the file, from 1.</param>
public abstract record ConfigurationNode(int Line);

/// <param name="Text">The value as written, without quotes.</param>
/// <param name="Quoted">True when it stood in quotes, so that <c>"null"</c> is a word.</param>
/// <param name="Line">Line in the file.</param>
public sealed record ScalarNode(string Text, bool Quoted, int Line) : ConfigurationNode(Line)
{
    /// <summary>Nothing, <c>~</c> or <c>null</c> (YAML 1.2 §10.3.2): the key stands there, its value is the default.</summary>
    public bool IsNull => !Quoted && Text is "" or "~" or "null" or "Null" or "NULL";
}

public sealed record ListNode(IReadOnlyList<ConfigurationNode> Items, int Line) : ConfigurationNode(Line);

public sealed record MapNode(IReadOnlyList<MapEntry> Entries, int Line) : ConfigurationNode(Line);

public sealed record MapEntry(ScalarNode Key, ConfigurationNode Value);
