using System.Collections;

namespace Breakwater.Server.Configuration;

/// <summary>A key whose value in a fresh configuration is another than in the one in force.</summary>
/// <param name="Path">The key, from the root.</param>
/// <param name="Apply">Sets the new value in the options in force; null when it takes a restart.</param>
internal sealed record ConfigurationChange(string Path, Action? Apply)
{
    public bool IsLive => Apply is not null;
}

/// <summary>Compares two configurations key by key, whatever sections there are.</summary>
internal static class ConfigurationChanges
{
    /// <param name="running">The options in force.</param>
    /// <param name="fresh">The same type, read anew.</param>
    /// <param name="path">Path of the section, empty for the root.</param>
    public static IEnumerable<ConfigurationChange> Between(object running, object fresh, string path = "")
    {
        foreach (var property in OptionProperty.Of(running.GetType()))
        {
            var (before, after) = (property.Property.GetValue(running), property.Property.GetValue(fresh));
            var key = YamlReader.Join(path, property.Key);
            if (ScalarValues.Knows(property.Type) || before is null || after is null)
            {
                if (!Equals(before, after)) yield return Change(property, running, after, key);
            }
            else if (!property.IsLive && before is IDictionary named && Container.Of(property.Type) is { Key: not null } container && !ScalarValues.Knows(container.Value))
            {
                foreach (var change in BetweenNamed(named, (IDictionary)after, key)) yield return change;
            }
            else if (Container.Of(property.Type) is not null)
            {
                if (!Same(before, after)) yield return Change(property, running, after, key);
            }
            else
            {
                foreach (var change in Between(before, after, key)) yield return change;
            }
        }
    }

    private static ConfigurationChange Change(OptionProperty property, object owner, object? value, string path) =>
        new(path, property.IsLive ? () => property.Property.SetValue(owner, value) : null);

    /// <summary>Sections by name: inside one that stays, key by key; one that comes or goes changes what others are built on.</summary>
    private static IEnumerable<ConfigurationChange> BetweenNamed(IDictionary before, IDictionary after, string path)
    {
        foreach (DictionaryEntry entry in before)
        {
            var child = YamlReader.Join(path, ScalarValues.Shown(entry.Key.ToString()!));
            if (after[entry.Key] is not { } fresh) yield return new ConfigurationChange(child, null);
            else foreach (var change in Between(entry.Value!, fresh, child)) yield return change;
        }
        foreach (var name in after.Keys)
            if (!before.Contains(name)) yield return new ConfigurationChange(YamlReader.Join(path, ScalarValues.Shown(name.ToString()!)), null);
    }

    private static bool Same(object? a, object? b)
    {
        if (a is null || b is null || ScalarValues.Knows(a.GetType())) return Equals(a, b);
        if (a is IDictionary one && b is IDictionary other)
            return one.Count == other.Count && one.Keys.Cast<object>().All(key => other.Contains(key) && Same(one[key], other[key]));
        if (a is IEnumerable items && b is IEnumerable others)
        {
            var (left, right) = (items.Cast<object?>().ToList(), others.Cast<object?>().ToList());
            return left.Count == right.Count && left.Zip(right).All(pair => Same(pair.First, pair.Second));
        }
        return OptionProperty.Of(a.GetType()).All(p => Same(p.Property.GetValue(a), p.Property.GetValue(b)));
    }
}
