namespace Breakwater.Server.Cli;

/// <summary>A command cannot do what was asked, for a reason outside the program.</summary>
/// <param name="reasons">For the person who asked: a line for each thing that is wrong.</param>
/// <param name="exitCode">One of <see cref="Cli.ExitCode"/>.</param>
public sealed class CommandFailedException(IReadOnlyList<string> reasons, int exitCode) : Exception(string.Join("; ", reasons))
{
    public CommandFailedException(string reason, int exitCode) : this([reason], exitCode)
    {
    }

    public IReadOnlyList<string> Reasons { get; } = reasons;
    public int ExitCode { get; } = exitCode;
}
