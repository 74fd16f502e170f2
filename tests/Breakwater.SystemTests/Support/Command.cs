using System.Diagnostics;
using System.Text;

namespace Breakwater.SystemTests.Support;

/// <summary>A program that a test runs beside the service. Its process tree dies with it.</summary>
internal sealed class Command : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Command(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything written so far, standard output and error together.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public static Command Start(IEnumerable<string> command, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var words = command.ToArray();
        var info = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        // Debian keeps daemons in sbin, which an ordinary user's path lacks.
        info.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) info.Environment[key] = value;
        var started = new Command(new Process { StartInfo = info });
        started._process.OutputDataReceived += (_, line) => started.Append(line.Data);
        started._process.ErrorDataReceived += (_, line) => started.Append(line.Data);
        started._process.Start();
        started._process.StandardInput.Close();
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed or took longer than <paramref name="within"/>.</exception>
    public static async Task<string> Run(IEnumerable<string> command, TimeSpan? within = null, int expectedExit = 0)
    {
        var words = command.ToArray();
        var info = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        info.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(120));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"took too long: {string.Join(' ', words)}\n{await output}\n{await error}");
        }
        return process.ExitCode == expectedExit
            ? await output
            : throw new InvalidOperationException($"exit code {process.ExitCode}: {string.Join(' ', words)}\n{await output}\n{await error}");
    }

    public async Task<int> WaitForExit(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, so that it can say goodbye; SIGKILL when it does not go.</summary>
    public async Task<int> Terminate(string signal = "TERM")
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString()]);
            await kill.WaitForExitAsync();
            try
            {
                return await WaitForExit(TimeSpan.FromSeconds(30));
            }
            catch (OperationCanceledException)
            {
                Kill();
            }
        }
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing in the program gets a chance to run.</summary>
    public void Kill()
    {
        if (_process.HasExited) return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Append(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
    }
}
