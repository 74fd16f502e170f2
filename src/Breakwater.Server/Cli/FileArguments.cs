using System.CommandLine;

namespace Breakwater.Server.Cli;

internal static class FileArguments
{
    /// <summary>The parser takes a mistyped option for a file name; a file called so can be given as <c>./--name</c>.</summary>
    public static void RefuseOptions(this Argument argument) => argument.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
            if (token.Value.Length > 1 && token.Value[0] == '-') result.AddError($"no such option: '{token.Value}'");
    });
}
