using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Cli;

/// <summary>The command line: which commands there are, and how the program ends when something is wrong.</summary>
public static class BreakwaterCommand
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="output">What was asked for goes here.</param>
    /// <param name="error">Everything else goes here: progress, warnings, one line for an error.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        // A file name may begin with '@'; a file of arguments is not a thing here.
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction) return await RefuseAsync(parsed, error);

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (CommandFailedException failed)
        {
            foreach (var reason in failed.Reasons) await error.WriteLineAsync($"breakwater: {OneLine(reason)}");
            return failed.ExitCode;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"breakwater: {OneLine(refused.Message)}");
            return ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Sees network traffic, names attacks in it, and says what would stop them.")
        {
            ServeCommand.Create(),
            AnalyzeCommand.Create(),
            TopCommand.Create(),
            IncidentsCommand.Create(),
            MitigationsCommand.Create(),
            CasesCommand.Create(),
            ShareCommand.Create(),
            FeedsCommand.Create(),
            ScoreCommand.Create(),
            AuditCommand.Create(),
            BenchCommand.Create(),
            CheckCommand.Create(),
            TokenCommand.Create(),
        };
        return root;
    }

    private static async Task<int> RefuseAsync(ParseResult parsed, TextWriter error)
    {
        var command = parsed.CommandResult.Command;
        var unknown = parsed.UnmatchedTokens.Select(word => Unknown(command, word)).ToList();
        // "Required command was not provided" besides an unknown one would be a second line for one mistake.
        var mistakes = unknown.Count > 0 ? unknown
            : command is RootCommand ? [$"a command is missing: {string.Join(", ", command.Subcommands.Select(c => c.Name))}"]
            : [.. parsed.Errors.Select(e => e.Message)];
        foreach (var mistake in mistakes) await error.WriteLineAsync($"breakwater: {OneLine(mistake)}");
        await error.WriteLineAsync($"Try '{Path(parsed)} --help'.");
        return ExitCode.Usage;
    }

    private static string Unknown(Command command, string word)
    {
        var (what, known) = word.StartsWith('-') ? ("option", command.Options.Select(o => o.Name))
            : command.Subcommands.Count > 0 ? ("command", command.Subcommands.Select(c => c.Name))
            : ("argument", []);
        return $"no such {what}: '{word}'" + (KeyNames.Closest(word, known) is { } meant ? $"; was '{meant}' meant?" : "");
    }

    private static string Path(ParseResult parsed)
    {
        var words = new Stack<string>();
        for (var command = parsed.CommandResult; command.Parent is CommandResult parent; command = parent) words.Push(command.Command.Name);
        return string.Join(' ', words.Prepend("breakwater"));
    }

    private static string OneLine(string message) => Reports.Words.Printable(message.ReplaceLineEndings(" ")).Trim();
}
