using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Breakwater.Core.Incidents;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Notification;

/// <summary>Runs the operator's script when an attack begins and when it ends, as FastNetMon does, so that existing scripts work unchanged.</summary>
/// <remarks>
/// Only for <c>ddos</c> and <c>outbound-attack</c>. Inert until <see cref="Start"/>; then one thread starts the programs, at once
/// and several at a time. Bounded: when too many wait, a new attack is not told of, and counted; the end of one told of always is.
/// </remarks>
public sealed class ScriptNotifier(ScriptNotifierOptions options, ILogger<ScriptNotifier> logger) : IIncidentSink, IDisposable
{
    /// <summary>Calls that may wait.</summary>
    public const int MaxWaiting = 1000;

    /// <summary>Attacks told of whose end is still to be told.</summary>
    public const int MaxActive = 10_000;

    private readonly BlockingCollection<ScriptCall> _waiting = [];
    private readonly HashSet<string> _active = [];
    private readonly ConcurrentDictionary<string, Task> _running = [];
    private readonly SemaphoreSlim _places = new(options.Concurrency);
    private readonly CancellationTokenSource _stopping = new();
    private Thread? _thread;
    private bool _failing;
    private long _dropped;
    private long _runs;
    private long _failures;
    private long _timeouts;

    /// <summary>Attacks not told of because too many calls waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Programs started.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    /// <summary>Programs that could not be started, ended with an error, or were killed for taking too long.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Programs that were killed for taking too long; failures all of them.</summary>
    public long Timeouts => Interlocked.Read(ref _timeouts);

    /// <summary>Calls that wait for a place to run in.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Starts the thread. Call it before the first <see cref="Publish"/>.</summary>
    /// <param name="known">Incidents open before a restart: their beginning was told, their end was not.</param>
    public void Start(IEnumerable<Incident> known)
    {
        // Without a script nobody was told, and whoever gets a script later is to be told of what still goes on.
        if (options.Path.Length > 0) foreach (var incident in known.Where(i => i.State != IncidentState.Ended && ScriptCall.For(i, begins: true, options.Format) is not null).Take(MaxActive)) _active.Add(incident.Id);
        _thread = new Thread(Run) { Name = "script notifier", IsBackground = true };
        _thread.Start();
    }

    public void Publish(Incident incident)
    {
        if (_thread is null) return;
        var begins = incident.State != IncidentState.Ended;
        // Scripts act. What is merely worth a look is told once it is more than that.
        if (begins && incident.Severity < Severity.Medium) return;
        if (options.Path.Length == 0)
        {
            if (!begins) _active.Remove(incident.Id);
            return;
        }
        if (begins == _active.Contains(incident.Id) || ScriptCall.For(incident, begins, options.Format) is not { } call) return;
        if (!begins)
        {
            _active.Remove(incident.Id);
        }
        else if (_waiting.Count < MaxWaiting && _active.Count < MaxActive)
        {
            _active.Add(incident.Id);
        }
        else
        {
            Interlocked.Increment(ref _dropped);
            return;
        }
        _waiting.Add(call);
    }

    /// <summary>Stops starting programs, and kills those that run.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        _thread?.Join();
        Task.WaitAll([.. _running.Values], TimeSpan.FromSeconds(5));
        _waiting.Dispose();
        _places.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        try
        {
            foreach (var call in _waiting.GetConsumingEnumerable(_stopping.Token))
            {
                // The end of an attack must not overtake its beginning.
                if (_running.TryGetValue(call.IncidentId, out var before)) before.Wait(_stopping.Token);
                _places.Wait(_stopping.Token);
                if (Begin(call) is not { } process)
                {
                    _places.Release();
                    continue;
                }
                var ended = FollowAsync(process, call);
                _running[call.IncidentId] = ended;
                _ = ended.ContinueWith(
                    task => _running.TryRemove(KeyValuePair.Create(call.IncidentId, task)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private Process? Begin(ScriptCall call)
    {
        try
        {
            var start = new ProcessStartInfo(options.Path, call.Arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            var process = Process.Start(start);
            Interlocked.Increment(ref _runs);
            return process;
        }
        catch (Win32Exception refused)
        {
            Failed(refused.Message);
            return null;
        }
    }

    private async Task FollowAsync(Process process, ScriptCall call)
    {
        using var owned = process;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(options.TimeLimit);
        try
        {
            // Nobody reads what it says; but a full pipe would stop it.
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            await WriteAsync(process, call.Input, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            if (process.ExitCode == 0) Succeeded();
            else Failed($"it ended with exit code {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            if (_stopping.IsCancellationRequested) return;
            Interlocked.Increment(ref _timeouts);
            Failed($"it was killed after {options.TimeLimit}");
        }
        finally
        {
            _places.Release();
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancel).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It does not read its input. Most scripts do not.
        }
    }

    private void Failed(string why)
    {
        Interlocked.Increment(ref _failures);
        if (!_failing) logger.ScriptFails(options.Path, why);
        _failing = true;
    }

    private void Succeeded()
    {
        if (_failing) logger.ScriptWorksAgain(options.Path);
        _failing = false;
    }
}
