using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Breakwater.Engine.Dots;

/// <summary>One address and port, over UDP and over TCP.</summary>
internal sealed class DotsListener(IPEndPoint endpoint, DotsClients clients, DotsRoom room, Action<DotsLinkEvent> report, ILogger logger) : IDisposable
{
    private const byte HandshakeRecord = 22;
    private const byte ClientHello = 1;

    private readonly BcTlsCrypto _crypto = new(new SecureRandom());
    private readonly ConcurrentDictionary<EndPoint, DtlsLink> _links = [];
    private readonly Socket _datagrams = new(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _connections = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Binds both sockets.</summary>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public void Bind()
    {
        _datagrams.Bind(endpoint);
        _connections.Bind(endpoint);
        _connections.Listen();
        logger.ListeningForDots(endpoint);
    }

    /// <summary>Serves both until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(ReceiveAsync(cancellation), AcceptAsync(cancellation));

    public void Dispose()
    {
        _datagrams.Dispose();
        _connections.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var socket = await _connections.AcceptAsync(cancellation).ConfigureAwait(false);
                if (!room.TryEnter())
                {
                    socket.Dispose();
                    continue;
                }
                socket.NoDelay = true;
                _ = ServeAsync(socket, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The one that knocked is gone again.
            }
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        try
        {
            var server = new DotsTlsServer(_crypto, clients, datagrams: false);
            var protocol = new TlsServerProtocol();
            await new TlsLink(socket, protocol, () => protocol.Accept(server), server, report).RunAsync(cancellation).ConfigureAwait(false);
            if (!server.IsComplete) room.HandshakeFailed();
        }
        finally
        {
            room.Leave();
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        var verifier = new DtlsVerifier(_crypto);
        var buffer = new byte[65_535];
        var anyone = new IPEndPoint(endpoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var received = await _datagrams.ReceiveFromAsync(buffer, SocketFlags.None, anyone, cancellation).ConfigureAwait(false);
                Take(verifier, buffer, received.ReceivedBytes, received.RemoteEndPoint);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // An answer of ours could not be delivered: ICMP, reported here by the kernel.
            }
        }
    }

    private void Take(DtlsVerifier verifier, byte[] buffer, int length, EndPoint peer)
    {
        var known = _links.TryGetValue(peer, out var link) && link.IsRunning;
        // A known address that begins anew: only with a valid cookie is the old session dropped (RFC 6347 §4.2.8).
        if (known && !(link!.Handshake.IsComplete && IsClientHello(buffer.AsSpan(0, length))))
        {
            link.Offer(buffer.AsSpan(0, length));
            return;
        }
        if (!IsClientHello(buffer.AsSpan(0, length))) return;
        // Nothing is remembered of an address before it has sent our cookie back: forged ones cost a datagram each (RFC 6347 §4.2.1).
        DtlsRequest? request;
        try
        {
            request = verifier.VerifyRequest(peer.Serialize().Buffer.ToArray(), buffer, 0, length, new Sender(_datagrams, peer));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return;
        }
        if (request is null) return;
        if (known) link!.Close();
        if (!room.TryEnter()) return;
        var server = new DotsTlsServer(_crypto, clients, datagrams: true);
        var begun = new DtlsLink(_datagrams, peer, transport => new DtlsServerProtocol().Accept(server, transport, request), server, happened =>
        {
            report(happened);
            if (happened.Kind != DotsLinkEventKind.Closed) return;
            _links.TryRemove(new KeyValuePair<EndPoint, DtlsLink>(peer, (DtlsLink)happened.Link));
            if (!server.IsComplete) room.HandshakeFailed();
            room.Leave();
        });
        _links[peer] = begun;
        begun.Start();
    }

    /// <summary>RFC 6347 §4.1, §4.2.2: type, version, epoch 0; then the handshake's type.</summary>
    private static bool IsClientHello(ReadOnlySpan<byte> datagram) =>
        datagram.Length > 13 && datagram[0] == HandshakeRecord && datagram[3] == 0 && datagram[4] == 0 && datagram[13] == ClientHello;

    private sealed class Sender(Socket socket, EndPoint peer) : DatagramSender
    {
        public int GetSendLimit() => 1232;

        public void Send(byte[] buf, int off, int len) => socket.SendTo(buf, off, len, SocketFlags.None, peer);

        public void Send(ReadOnlySpan<byte> buffer) => socket.SendTo(buffer, SocketFlags.None, peer);
    }
}
