namespace Breakwater.Server.Configuration;

/// <summary>One mistake in a configuration file.</summary>
/// <param name="Path">Where, from the root: <c>detection.rate.packets_per_second</c>, <c>home[2]</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong, and where there is one, the remedy.</param>
/// <param name="Line">Line in the file, from 1; 0 when the mistake has no place in it.</param>
public sealed record ConfigurationProblem(string Path, string Message, int Line)
{
    /// <summary><c>path: what is wrong (line 12)</c>.</summary>
    public override string ToString() => (Path.Length > 0 ? Path + ": " : "") + Message + (Line > 0 ? $" (line {Line})" : "");
}
