using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Rtr;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Rpki;

/// <summary>Keeps the connection to the validating cache: carries bytes between the socket and the session, and tells it the time.</summary>
public sealed class RpkiService(RpkiOptions options, RpkiCache cache, TimeProvider time, ILogger<RpkiService> logger) : BackgroundService
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    private readonly RpkiMetrics _metrics = new(cache);
    private bool _up;
    private bool _troubled;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                if (cache.Use(s => s.ConnectAt <= Now)) await TalkAsync(options.Cache!, stoppingToken).ConfigureAwait(false);
                Tick();
                await Task.Delay(Pulse, time, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    /// <summary>One connection, from its beginning to its end.</summary>
    private async Task TalkAsync(IPEndPoint place, CancellationToken stop)
    {
        using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(ConnectLimit);
            await socket.ConnectAsync(place, limit.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is SocketException || (problem is OperationCanceledException && !stop.IsCancellationRequested))
        {
            var why = problem is SocketException ? problem.Message : "no connection in time";
            Tell(s => s.Refused(why, Now));
            return;
        }
        Tell(s => s.Connected(Now));
        var end = "the cache hung up";
        try
        {
            await CarryAsync(socket, stop).ConfigureAwait(false);
        }
        catch (SocketException problem)
        {
            end = problem.Message;
        }
        Tell(s => s.Disconnected(end, Now));
    }

    /// <summary>Returns when either side is done.</summary>
    private async Task CarryAsync(Socket socket, CancellationToken stop)
    {
        // Whatever is longer than the longest PDU is consumed, or the end of the session.
        var buffer = new byte[4 * RtrDecoder.MaxLength];
        var filled = 0;
        var reading = socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, stop).AsTask();
        while (true)
        {
            var output = cache.Use(s => s.TakeOutput());
            if (output.Length > 0) await socket.SendAsync(output, stop).ConfigureAwait(false);
            if (cache.Use(s => s.MustClose)) return;
            await Task.WhenAny(reading, Task.Delay(Pulse, time, stop)).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            Tick();
            if (!reading.IsCompleted) continue;
            var read = await reading.ConfigureAwait(false);
            if (read == 0) return;
            filled += read;
            var taken = cache.Use(s => s.Take(buffer.AsSpan(0, filled), Now));
            Watch();
            buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
            filled -= taken;
            reading = socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None, stop).AsTask();
        }
    }

    private void Tick() => Tell(s => s.Tick(Now));

    private void Tell(Action<RtrSession> tell)
    {
        cache.Use(s =>
        {
            tell(s);
            return true;
        });
        Watch();
    }

    /// <summary>One line for each change of state.</summary>
    private void Watch()
    {
        var standing = cache.Standing();
        if (standing.HasData && !_up) logger.DataHere(standing.Roas, cache.Place, standing.Version);
        if (!standing.HasData && _up) logger.DataExpired(cache.Place);
        _up = standing.HasData;
        var troubled = standing.Problem is not null;
        if (troubled && !_troubled) logger.CacheTrouble(cache.Place, standing.Problem!);
        _troubled = troubled;
    }
}
