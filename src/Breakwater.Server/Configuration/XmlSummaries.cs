using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Breakwater.Server.Configuration;

/// <summary>The docstrings of properties, out of the XML files that the compiler puts beside the assemblies.</summary>
internal sealed partial class XmlSummaries
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> _members = [];

    /// <summary>What the operator is told about a key.</summary>
    public string Summary(PropertyInfo property) => Text(property, "summary");

    /// <summary>Why the default is what it is.</summary>
    public string Remarks(PropertyInfo property) => Text(property, "remarks");

    private string Text(PropertyInfo property, string element)
    {
        var assembly = property.DeclaringType!.Assembly;
        if (!_members.TryGetValue(assembly, out var members))
        {
            var file = Path.ChangeExtension(assembly.Location, ".xml");
            members = !File.Exists(file) ? [] : XDocument.Load(file).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!);
            _members[assembly] = members;
        }
        var name = $"P:{property.DeclaringType.FullName!.Replace('+', '.')}.{property.Name}";
        return members.TryGetValue(name, out var member) && member.Element(element) is { } found ? Plain(found) : "";
    }

    /// <summary>Words in one line; references become the key or name they point to, as code.</summary>
    private static string Plain(XElement element)
    {
        var words = string.Concat(element.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{Target(see)}`",
            XElement other => Plain(other),
            _ => "",
        }));
        return Spaces().Replace(words, " ").Trim();
    }

    private static string Target(XElement see)
    {
        if ((string?)see.Attribute("langword") is { } word) return word;
        var reference = (string?)see.Attribute("cref") ?? "";
        return KeyNames.SnakeCase(reference[(reference.LastIndexOf('.') + 1)..]);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
