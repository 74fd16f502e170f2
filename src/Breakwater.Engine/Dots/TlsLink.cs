using System.Net.Sockets;
using System.Threading.Channels;
using Org.BouncyCastle.Tls;

namespace Breakwater.Engine.Dots;

/// <summary>TLS over a TCP connection that stands.</summary>
/// <param name="begin">Starts the handshake: hands our end to the protocol.</param>
internal sealed class TlsLink(Socket socket, TlsProtocol protocol, Action begin, IDotsHandshake handshake, Action<DotsLinkEvent> report)
    : DotsLink(socket.RemoteEndPoint?.ToString() ?? "", report)
{
    /// <summary>Pieces that wait for a slow peer; one more ends the connection.</summary>
    private const int MaxWaiting = 256;
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly Channel<byte[]> _output = Channel.CreateBounded<byte[]>(MaxWaiting);
    private bool _opened;

    public override bool IsReliable => true;
    public override IDotsHandshake Handshake => handshake;

    /// <summary>Runs until the connection is over.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ending.CancelAfter(HandshakeTime);
        var writing = WriteAsync(ending.Token);
        try
        {
            lock (_gate)
            {
                begin();
                Drain();
            }
            var buffer = new byte[16_384];
            while (await socket.ReceiveAsync(buffer, ending.Token).ConfigureAwait(false) is var read and > 0)
            {
                Take(buffer.AsSpan(0, read));
                if (_opened) ending.CancelAfter(Timeout.InfiniteTimeSpan);
                if (handshake.SaidGoodBye) break;
            }
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer broke the handshake, the connection or the record layer: the link is over, which is reported below.
        }
        finally
        {
            Report(DotsLinkEventKind.Closed);
            _output.Writer.TryComplete();
            await writing.ConfigureAwait(false);
            socket.Dispose();
        }
    }

    public override void Send(byte[] bytes)
    {
        lock (_gate)
        {
            try
            {
                protocol.WriteApplicationData(bytes, 0, bytes.Length);
                Drain();
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It closed meanwhile; the reader reports it.
            }
        }
    }

    public override void Close()
    {
        lock (_gate)
        {
            try
            {
                protocol.Close();
                Drain();
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It is over already.
            }
        }
        _output.Writer.TryComplete();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        var opens = false;
        var plain = new List<byte[]>();
        lock (_gate)
        {
            try
            {
                protocol.OfferInput(bytes.ToArray());
            }
            finally
            {
                // An alert that says what was wrong goes out even so.
                Drain();
            }
            if (handshake.IsComplete && !_opened) _opened = opens = true;
            for (int available; (available = protocol.GetAvailableInputBytes()) > 0;)
            {
                var piece = new byte[available];
                protocol.ReadInput(piece, 0, available);
                plain.Add(piece);
            }
        }
        // Not under the lock: who is told may be about to send, under a lock of his own.
        if (opens) Report(DotsLinkEventKind.Opened);
        foreach (var piece in plain) Report(DotsLinkEventKind.Received, piece);
    }

    private void Drain()
    {
        for (int available; (available = protocol.GetAvailableOutputBytes()) > 0;)
        {
            var sealedBytes = new byte[available];
            protocol.ReadOutput(sealedBytes, 0, available);
            if (!_output.Writer.TryWrite(sealedBytes)) socket.Close();
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var piece in _output.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
                for (var sent = 0; sent < piece.Length;) sent += await socket.SendAsync(piece.AsMemory(sent), cancellation).ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reader sees the same and reports it.
        }
    }
}
