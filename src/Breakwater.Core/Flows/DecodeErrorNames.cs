namespace Breakwater.Core.Flows;

/// <summary>The words outsiders see for a <see cref="DecodeError"/>: metric labels, the API. Changing one breaks them.</summary>
public static class DecodeErrorNames
{
    private static readonly string[] Names = [.. Enum.GetNames<DecodeError>().Select(Kebab)];

    /// <summary>UnknownTemplate → unknown-template.</summary>
    public static string Name(this DecodeError error) => Names[(int)error];

    private static string Kebab(string name) => string.Concat(name.Select((c, i) => (i > 0 && char.IsUpper(c) ? "-" : "") + char.ToLowerInvariant(c)));
}
