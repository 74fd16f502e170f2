namespace Breakwater.Server.Cli;

/// <summary>Exit status of the program; a contract with scripts (docs/operate.md).</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Something outside failed: a port is taken, the disk is full.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>An input file is missing, unreadable, or of no format that is known.</summary>
    public const int Input = 3;

    /// <summary>The service does not answer.</summary>
    public const int Unreachable = 4;

    /// <summary>No incident or mitigation has the identifier asked for.</summary>
    public const int NotFound = 5;

    /// <summary>A guard rail refused, or the mitigation is not in a state for it.</summary>
    public const int Refused = 6;

    /// <summary>Interrupted by SIGINT before it was done: 128 + 2, as shells have it.</summary>
    public const int Interrupted = 130;
}
