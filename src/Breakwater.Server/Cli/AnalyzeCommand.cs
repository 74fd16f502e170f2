using System.Buffers;
using System.CommandLine;
using System.Text;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine;
using Breakwater.Engine.Analysis;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Json;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater analyze</c>: what happened in one or more captures.</summary>
internal static class AnalyzeCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = $"Captures, read in the order of time; - is standard input. Understood: {CaptureFormats.Understood}.", Arity = ArgumentArity.OneOrMore };
        files.RefuseOptions();
        var home = new Option<string[]>("--home") { Description = "Home prefixes, separated by commas; without them they are inferred.", HelpName = "PREFIX" };
        var config = ConfigurationArgument.Create();
        var content = new Option<string>("--as")
        {
            Description = "What the packets of a capture are: packets, flows (NetFlow, IPFIX or sFlow on its way to a collector), or auto to find out.",
            HelpName = "WORD",
            DefaultValueFactory = _ => "auto",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema breakwater.analysis/1) instead of the report." };
        var html = new Option<string?>("--html") { Description = "Write the report as one self-contained HTML page as well.", HelpName = "FILE" };
        var command = new Command("analyze", "Say what happened in captures: which attacks, on whom, how hard, by whom, and what would have stopped them.") { files, home, content, config, json, html };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            var options = Options(ConfigurationArgument.Load(parsed.GetValue(config)), parsed.GetValue(home) ?? [], parsed.GetRequiredValue(content));
            var report = Analyze(parsed.GetRequiredValue(files), options, parsed.InvocationConfiguration.Error, cancel);
            if (parsed.GetValue(html) is { } page) WriteHtml(page, report);
            if (parsed.GetValue(json)) WriteJson(parsed.InvocationConfiguration.Output, report);
            else new AnalysisText(parsed.InvocationConfiguration.Output, Width()).Write(report);
            return ExitCode.Ok;
        }, cancel));
        return command;
    }

    private static AnalysisOptions Options(Configuration.BreakwaterOptions configured, string[] home, string content)
    {
        var prefixes = new List<Prefix>();
        foreach (var word in home.SelectMany(h => h.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (Configuration.ScalarValues.Read(typeof(Prefix), word, out var prefix) is { } wrong) throw new CommandFailedException($"--home: {wrong}", ExitCode.Usage);
            prefixes.Add((Prefix)prefix!);
        }
        if (Configuration.ScalarValues.Read(typeof(CaptureContent), content, out var taken) is { } unknown) throw new CommandFailedException($"--as: {unknown}", ExitCode.Usage);
        return new AnalysisOptions
        {
            Content = (CaptureContent)taken!,
            Home = prefixes.Count > 0 ? prefixes : configured.Home,
            HostGroups = [.. configured.HostGroups],
            Detection = configured.Detection,
            Behaviour = configured.Behaviour,
        };
    }

    private static AnalysisReport Analyze(string[] files, AnalysisOptions options, TextWriter error, CancellationToken cancel)
    {
        foreach (var file in files)
        {
            if (file == StandardInput) continue;
            if (Directory.Exists(file)) throw new CommandFailedException($"{file} is a folder, not a capture", ExitCode.Input);
            if (!File.Exists(file)) throw new CommandFailedException($"no file {file}", ExitCode.Input);
        }

        using var input = files.Contains(StandardInput) ? SpooledInput.Read(cancel) : null;
        string[] paths = [.. files.Select(f => f == StandardInput ? input!.Path : f)];
        try
        {
            using var progress = AnalysisProgressBar.For(paths, error);
            return CaptureAnalysis.Run(paths, options, Composition.Default, progress, cancel) with { Files = files };
        }
        catch (UnknownCaptureFormatException unknown)
        {
            throw new CommandFailedException(unknown.Message, ExitCode.Input);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(unreadable.Message, ExitCode.Input);
        }
    }

    private static void WriteHtml(string path, AnalysisReport report)
    {
        using var page = new StreamWriter(path, append: false, new UTF8Encoding(false));
        new AnalysisHtml(page).Write(report);
    }

    private static void WriteJson(TextWriter output, AnalysisReport report)
    {
        var document = new ArrayBufferWriter<byte>();
        AnalysisJson.Write(document, report);
        output.WriteLine(Encoding.UTF8.GetString(document.WrittenSpan));
    }

    /// <summary>Text in a file or a pipe keeps to 100 columns, whatever the terminal beside it.</summary>
    private static int Width() => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? 100 : Math.Clamp(Console.WindowWidth - 1, 60, 140);
}
