namespace Breakwater.Server.Cli;

/// <summary>A command cannot do what was asked, for a reason outside the program; the message is for the person who asked, in one line.</summary>
public sealed class CommandFailedException(string message, int exitCode) : Exception(message)
{
    /// <summary>One of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
