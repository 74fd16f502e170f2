namespace Breakwater.SystemTests.Support;

/// <summary>A fact that runs only where its needs are met, and says what is missing elsewhere.</summary>
/// <param name="needs">Programs on the path; <c>root</c>; or <c>data:folder</c> for captured data.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFactAttribute(params string[] needs) : FactAttribute
{
    public override string? Skip => Needs.Missing(needs);
}

/// <inheritdoc cref="NeedsFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsTheoryAttribute(params string[] needs) : TheoryAttribute
{
    public override string? Skip => Needs.Missing(needs);
}

/// <summary>What a test needs of the machine. The root script <c>test</c> installs all of it where it may.</summary>
internal static class Needs
{
    public const string Root = "root";
    public const string Captures = "data:captures";

    /// <summary>Null when every need is met.</summary>
    public static string? Missing(IEnumerable<string> needs)
    {
        var missing = needs.Where(n => !IsMet(n)).ToArray();
        return missing.Length == 0 ? null : "not on this machine: " + string.Join(", ", missing);
    }

    private static bool IsMet(string need) =>
        need == Root ? Environment.IsPrivilegedProcess
        : need.StartsWith("data:", StringComparison.Ordinal) ? SharedData.Has(need[5..])
        : FindProgram(need) is not null;

    /// <summary>Full path of a program; null when it is not installed.</summary>
    private static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
