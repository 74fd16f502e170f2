using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater check</c>: says everything that is wrong with a configuration file, or nothing.</summary>
internal static class CheckCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "Configuration file; without one, the built-in defaults.", Arity = ArgumentArity.ZeroOrOne };
        file.RefuseOptions();
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var reference = new Option<bool>("--reference") { Description = "Print every key with its default, range and meaning, as Markdown." };
        var command = new Command("check", "Check a configuration file and report every mistake in it. Exit status 2 when there is one.") { file, json, reference };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(reference))
            {
                ConfigurationReference.Write(output);
                return ExitCode.Ok;
            }
            return Check(parsed.GetValue(file), parsed.GetValue(json), output);
        });
        return command;
    }

    private static int Check(string? file, bool json, TextWriter output)
    {
        var result = ConfigurationFile.Load(file);
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new { Ok = result.IsGood, File = file, result.Problems }, Json));
        }
        else
        {
            foreach (var problem in result.Problems) output.WriteLine(problem);
            output.WriteLine(result.IsGood ? $"{file ?? "built-in defaults"}: OK"
                : $"{file}: {(result.Problems.Count == 1 ? "1 mistake" : $"{result.Problems.Count} mistakes")}");
        }
        return result.IsGood ? ExitCode.Ok : ExitCode.Usage;
    }
}
