using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Hygiene;

namespace Breakwater.Engine.Hygiene;

/// <summary>Asks one service one question over UDP, and once more when nothing comes. Knows nothing of who may be asked: see <c>ConfirmationRail</c>.</summary>
internal sealed class ReflectorAsker(TimeProvider time)
{
    private const int Tries = 2;

    /// <summary>Octets of an answer that are looked at; it may be as long as UDP allows.</summary>
    private const int MaxAnswer = 65_535;

    /// <summary>Time for each answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <param name="id">Not to be guessed from outside: it ties the answer to the question.</param>
    public async Task<Confirmation> AskAsync(IPEndPoint service, ReflectorQuestion question, ushort id, CancellationToken cancellation)
    {
        var datagram = new byte[ReflectorQuery.MaxLength];
        var length = ReflectorQuery.Write(question, id, datagram);
        using var socket = new Socket(service.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var answer = new byte[MaxAnswer];
        try
        {
            // Connected: what others send is not heard, and that nobody listens is.
            await socket.ConnectAsync(service, cancellation).ConfigureAwait(false);
            for (var attempt = 0; attempt < Tries; attempt++)
            {
                await socket.SendAsync(datagram.AsMemory(0, length), cancellation).ConfigureAwait(false);
                if (await HearAsync(socket, question, id, answer, cancellation).ConfigureAwait(false) is { } heard) return Of(heard.Verdict, length, heard.Length);
            }
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
        {
            return Of(ConfirmationVerdict.Refused, length, 0);
        }
        catch (SocketException)
        {
            // No way to it: as good as silence.
        }
        return Of(ConfirmationVerdict.Silent, length, 0);
    }

    private async Task<(ConfirmationVerdict Verdict, int Length)?> HearAsync(Socket socket, ReflectorQuestion question, ushort id, byte[] answer, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(answer, limit.Token).ConfigureAwait(false);
                if (ReflectorQuery.Read(question, id, answer.AsSpan(0, length)) is { } verdict) return (verdict, length);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private Confirmation Of(ConfirmationVerdict verdict, int question, int answer) => new(verdict, Timestamp.From(time.GetUtcNow()), question, answer);
}
