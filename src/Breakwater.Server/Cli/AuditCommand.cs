using System.CommandLine;
using System.Globalization;
using Breakwater.Engine.Mitigations;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater audit verify</c>: whether the audit log is as it was written.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var config = ConfigurationArgument.Create();
        var file = new Argument<string?>("FILE") { Description = "The log; without it, audit.log in the data folder.", Arity = ArgumentArity.ZeroOrOne };
        file.RefuseOptions();
        var verify = new Command("verify", "Check the chain of hashes: says whether a line was changed, removed or put in.") { file, config };
        verify.SetAction(parsed =>
        {
            var path = parsed.GetValue(file) ?? Path.Combine(ConfigurationArgument.Load(parsed.GetValue(config)).Storage.Path, "audit.log");
            if (!File.Exists(path)) throw new CommandFailedException($"no file {path}", ExitCode.Input);
            var verdict = AuditLog.Verify(path);
            if (verdict.Problem is { } problem) throw new CommandFailedException($"{path}: {problem}", ExitCode.Failure);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {verdict.Entries} entries, unbroken; last {verdict.LastHash}"));
            return ExitCode.Ok;
        });
        return new Command("audit", "The log of who did what to which mitigation, and why.") { verify };
    }
}
