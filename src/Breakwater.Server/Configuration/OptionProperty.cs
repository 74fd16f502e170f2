using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Breakwater.Core;

namespace Breakwater.Server.Configuration;

/// <summary>A property of an options class, as the key that the file knows it by.</summary>
internal sealed class OptionProperty
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionProperty>> Known = [];

    private OptionProperty(PropertyInfo property)
    {
        Property = property;
        Key = KeyNames.SnakeCase(property.Name);
        Rules = [.. property.GetCustomAttributes<ValidationAttribute>(inherit: true)];
        IsLive = property.IsDefined(typeof(LiveAttribute)) || property.DeclaringType!.IsDefined(typeof(LiveAttribute));
        Nullable = System.Nullable.GetUnderlyingType(property.PropertyType) is not null
            || new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
    }

    public PropertyInfo Property { get; }
    public string Key { get; }
    public Type Type => System.Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;
    public bool Nullable { get; }

    /// <summary>True when a change takes effect without a restart.</summary>
    public bool IsLive { get; }

    /// <summary>What its value must obey besides its type.</summary>
    public IReadOnlyList<ValidationAttribute> Rules { get; }

    /// <summary>The keys of an options class, in the order in which they are declared.</summary>
    public static IReadOnlyList<OptionProperty> Of(Type type) => Known.GetOrAdd(type, static t =>
    [
        .. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetIndexParameters().Length == 0 && (p.SetMethod is { IsPublic: true } || Container.Of(p.PropertyType) is not null))
            .Select(p => new OptionProperty(p)),
    ]);
}

/// <summary>A list or a dictionary type that the file may fill.</summary>
/// <param name="Key">Type of the keys; null for a list.</param>
/// <param name="Value">Type of the items.</param>
internal sealed record Container(Type? Key, Type Value)
{
    /// <returns>Null when the type is neither list nor dictionary.</returns>
    public static Container? Of(Type type)
    {
        if (type == typeof(string)) return null;
        if (type.IsArray) return new Container(null, type.GetElementType()!);
        var shapes = type.GetInterfaces().Append(type).Where(i => i.IsGenericType).ToList();
        var map = shapes.Find(i => i.GetGenericTypeDefinition() == typeof(IDictionary<,>) || i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>));
        if (map is not null) return new Container(map.GenericTypeArguments[0], map.GenericTypeArguments[1]);
        var list = shapes.Find(i => i.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        return list is null ? null : new Container(null, list.GenericTypeArguments[0]);
    }
}
