using System.CommandLine;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Cli;

/// <summary><c>--config FILE</c>, the same for every command.</summary>
internal static class ConfigurationArgument
{
    public static Option<string?> Create() => new("--config") { Description = "Configuration file; without one, the built-in defaults.", HelpName = "FILE" };

    /// <exception cref="CommandFailedException">The file has mistakes: all of them are in the message.</exception>
    public static BreakwaterOptions Load(string? file)
    {
        var result = ConfigurationFile.Load(file);
        return result.IsGood ? result.Options : throw new CommandFailedException([.. result.Problems.Select(p => $"{file}: {p}")], ExitCode.Usage);
    }
}
