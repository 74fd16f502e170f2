using System.Net;
using System.Security.Cryptography;
using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Detection;
using Breakwater.Core.Hygiene;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine.Detection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Hygiene;

/// <summary>Sends a question, and waits for what is said to it.</summary>
internal delegate Task<Confirmation> AskReflector(IPEndPoint service, ReflectorQuestion question, ushort id, CancellationToken cancellation);

/// <summary>Has suspected reflectors of ours asked, where the configuration wants it: slowly, one at a time, each seldom. What they said, detection adds to its finding.</summary>
/// <param name="ask">Sends the question; only ever called for what <see cref="ConfirmationRail"/> lets pass at that moment.</param>
internal sealed class ReflectorConfirmation(
    ReflectorOptions options, HomeNetwork home, ConfirmationBoard board, LiveState live, TimeProvider time, ILogger<ReflectorConfirmation> logger,
    AskReflector ask) : BackgroundService
{
    /// <summary>Suspects that wait; beyond, others must be told of again.</summary>
    private const int MaxWaiting = 1_024;

    private readonly Lock _gate = new();
    private readonly HashSet<(IpAddr Host, ushort Port)> _known = [];
    private readonly Queue<(IpAddr Host, ushort Port)> _waiting = [];

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        live.IncidentChanged += Suspect;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        live.IncidentChanged -= Suspect;
        return base.StopAsync(cancellationToken);
    }

    /// <summary>Queues what an incident suspects.</summary>
    internal void Suspect(Incident incident)
    {
        if (options.Confirm.Count == 0 || incident.Host is not { } host) return;
        foreach (var port in ConfirmationRail.Suspected(incident))
        {
            if (ConfirmationRail.Refuses(host, port, home, options) is not null || !IsDue(host, port)) continue;
            lock (_gate)
                if (_waiting.Count < MaxWaiting && _known.Add((host, port))) _waiting.Enqueue((host, port));
        }
    }

    /// <summary>Asks the one that waits longest.</summary>
    internal async Task AskNextAsync(CancellationToken cancellation)
    {
        IpAddr host;
        ushort port;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out var next)) return;
            (host, port) = next;
            _known.Remove(next);
        }
        // Options may have changed while it waited.
        if (ConfirmationRail.Refuses(host, port, home, options) is not null || ReflectorQuestions.At(port) is not { } question) return;
        var id = (ushort)RandomNumberGenerator.GetInt32(1, ushort.MaxValue);
        var said = await ask(new IPEndPoint(host.ToIPAddress(), port), question, id, cancellation).ConfigureAwait(false);
        board.Current = board.Current.With(host, port, said);
        logger.ReflectorAsked(host.ToString(), port, question.ToString(), said.Verdict.ToString());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMinutes(1) / options.QuestionsPerMinute, time, stoppingToken).ConfigureAwait(false);
                await AskNextAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private bool IsDue(in IpAddr host, ushort port) =>
        board.Current.Of(host, port) is not { } said || time.GetUtcNow() - said.At.ToDateTimeOffset() >= options.AskAgain;
}
