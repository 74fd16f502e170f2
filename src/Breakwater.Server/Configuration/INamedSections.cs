namespace Breakwater.Server.Configuration;

/// <summary>An options class with sections beside its properties whose names only the composition knows: one for each part.</summary>
public interface INamedSections
{
    /// <summary>Options object by name of the section.</summary>
    IReadOnlyDictionary<string, object> Sections { get; }
}
