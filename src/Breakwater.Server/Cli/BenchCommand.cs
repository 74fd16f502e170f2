using System.CommandLine;
using System.Globalization;
using Breakwater.Engine;
using Breakwater.Engine.Analysis.Bench;
using Breakwater.Protocols.Captures;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater bench detect</c>: how well attacks and bots are found in captures of which somebody knows what happened.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Captures, and the expect.json that says what happens in them." };
        folder.RefuseOptions();
        var sampling = new Option<string>("--sampling") { Description = "Read the captures as if one packet of so many were seen; several, separated by commas.", HelpName = "N", DefaultValueFactory = _ => "1" };
        var folds = new Option<int>("--folds") { Description = "Parts that the captures are dealt out to, to fit weights on the others.", HelpName = "N", DefaultValueFactory = _ => 5 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema breakwater.bench.detect/1) instead of tables." };
        var detect = new Command("detect", "Score labelled captures: recall and false accusations by category, by detector and by sampling; fit the weights of signs; compare stated confidence with what was right.") { folder, sampling, folds, json };
        detect.SetAction((parsed, cancel) => Task.Run(() =>
        {
            var parts = parsed.GetValue(folds);
            if (parts is < 2 or > 100) throw new CommandFailedException("--folds: 2 to 100", ExitCode.Usage);
            var path = parsed.GetRequiredValue(folder);
            var samplings = Samplings(parsed.GetRequiredValue(sampling));
            var error = parsed.InvocationConfiguration.Error;
            var report = new BenchReport(Run(path, samplings, json: parsed.GetValue(json), error, cancel), parts);
            if (parsed.GetValue(json)) report.WriteJson(parsed.InvocationConfiguration.Output);
            else report.WriteText(parsed.InvocationConfiguration.Output);
            return ExitCode.Ok;
        }, cancel));
        return new Command("bench", "Measurements that anybody can repeat.") { detect };
    }

    private static IReadOnlyList<BenchRun> Run(string folder, int[] samplings, bool json, TextWriter error, CancellationToken cancel)
    {
        try
        {
            return DetectionBench.Run(folder, samplings, Composition.Default, json || Console.IsErrorRedirected ? null : new Progress<string>(error.WriteLine), cancel);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or UnauthorizedAccessException or UnknownCaptureFormatException)
        {
            throw new CommandFailedException(unreadable.Message, ExitCode.Input);
        }
    }

    private static int[] Samplings(string words)
    {
        var samplings = words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 1_000_000 ? n : throw new CommandFailedException($"--sampling: '{w}' is no number from 1 to 1000000", ExitCode.Usage)).ToArray();
        return samplings.Length > 0 ? samplings : throw new CommandFailedException("--sampling: a number is missing", ExitCode.Usage);
    }
}
