using Breakwater.Engine.Analysis;
using Breakwater.Server.Reports;
using Spectre.Console;

namespace Breakwater.Server.Cli;

/// <summary>A bar on standard error while long captures are read. Nothing at all where nobody looks.</summary>
internal sealed class AnalysisProgressBar : IProgress<AnalysisProgress>, IDisposable
{
    /// <summary>A capture of fewer octets is read before anyone could look.</summary>
    private const long LongCapture = 64 << 20;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, long> _sizes;
    private readonly Task _drawing;
    private ProgressTask? _bar;
    private long _before;
    private string _file = "";

    private AnalysisProgressBar(Dictionary<string, long> sizes)
    {
        _sizes = sizes;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var bar = new Progress(console) { AutoClear = true, RenderHook = (drawn, _) => drawn };
        bar.Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
        var ready = new ManualResetEventSlim();
        _drawing = bar.StartAsync(context =>
        {
            _bar = context.AddTask("reading", maxValue: Math.Max(1, sizes.Values.Sum()));
            ready.Set();
            return _done.Task;
        });
        ready.Wait();
    }

    /// <returns>Null when the captures are short, or standard error is no terminal.</returns>
    public static AnalysisProgressBar? For(IEnumerable<string> files, TextWriter error)
    {
        if (!ReferenceEquals(error, Console.Error) || Console.IsErrorRedirected) return null;
        var sizes = files.Distinct().ToDictionary(f => f, f => new FileInfo(f).Length);
        return sizes.Values.Sum() < LongCapture ? null : new AnalysisProgressBar(sizes);
    }

    public void Report(AnalysisProgress progress)
    {
        if (progress.File != _file)
        {
            _before += _sizes.GetValueOrDefault(_file);
            _file = progress.File;
            _bar!.Description = Markup.Escape(Words.Printable(Path.GetFileName(_file)));
        }
        _bar!.Value = _before + progress.BytesRead;
    }

    public void Dispose()
    {
        _bar!.StopTask();
        _done.SetResult();
        _drawing.GetAwaiter().GetResult();
    }
}
