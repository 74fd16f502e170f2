using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Org.BouncyCastle.Tls;

namespace Breakwater.Engine.Dots;

/// <summary>DTLS with one peer address. The library waits inside its handshake and its reads, so each has a thread of its own; their number is bounded by the sessions'.</summary>
/// <param name="socket">Shared with other peers; not ours to close.</param>
/// <param name="begin">Does the handshake and gives the protected transport.</param>
internal sealed class DtlsLink(Socket socket, EndPoint peer, Func<DatagramTransport, DtlsTransport> begin, IDotsHandshake handshake, Action<DotsLinkEvent> report)
    : DotsLink(peer.ToString() ?? "", report), DatagramTransport
{
    /// <summary>Datagrams of this peer that wait to be opened; more are dropped, as the network would.</summary>
    private const int MaxWaiting = 64;

    /// <summary>A path MTU of 1280 without IPv6 and UDP headers (RFC 9132 §7.3).</summary>
    private const int MaxDatagram = 1280 - 48;

    private const int StackSize = 256 * 1024;

    private readonly BlockingCollection<byte[]> _input = new(MaxWaiting);
    private DtlsTransport? _transport;
    private volatile bool _closing;

    public override bool IsReliable => false;
    public override IDotsHandshake Handshake => handshake;

    /// <summary>True until the thread has ended.</summary>
    public bool IsRunning { get; private set; } = true;

    public void Start() => new Thread(Run, StackSize) { IsBackground = true, Name = "dots " + Peer }.Start();

    /// <summary>A datagram of this peer.</summary>
    public void Offer(ReadOnlySpan<byte> datagram)
    {
        if (!_input.IsAddingCompleted) _input.TryAdd(datagram.ToArray());
    }

    public override void Send(byte[] bytes)
    {
        try
        {
            _transport?.Send(bytes, 0, bytes.Length);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or SocketException or ObjectDisposedException)
        {
            // Lost, as datagrams may be; what must arrive is repeated by the message layer.
        }
    }

    public override void Close() => _closing = true;

    int DatagramReceiver.GetReceiveLimit() => 65_535;

    int DatagramSender.GetSendLimit() => MaxDatagram;

    int DatagramReceiver.Receive(byte[] buf, int off, int len, int waitMillis) => ((DatagramReceiver)this).Receive(buf.AsSpan(off, len), waitMillis);

    int DatagramReceiver.Receive(Span<byte> buffer, int waitMillis)
    {
        // The handshake asks again and again; nothing else would end it before its time is up.
        if (_closing && _transport is null) throw new IOException("closed during the handshake");
        // 0 stands for "no limit" in the library.
        if (!_input.TryTake(out var datagram, waitMillis is > 0 and < 1000 ? waitMillis : 1000)) return -1;
        var length = Math.Min(datagram.Length, buffer.Length);
        datagram.AsSpan(0, length).CopyTo(buffer);
        return length;
    }

    void DatagramSender.Send(byte[] buf, int off, int len) => ((DatagramSender)this).Send(buf.AsSpan(off, len));

    void DatagramSender.Send(ReadOnlySpan<byte> buffer) => socket.SendTo(buffer, SocketFlags.None, peer);

    void TlsCloseable.Close()
    {
        // The socket is everybody's.
    }

    private void Run()
    {
        try
        {
            _transport = begin(this);
            Report(DotsLinkEventKind.Opened);
            var buffer = new byte[_transport.GetReceiveLimit()];
            while (!_closing && !handshake.SaidGoodBye)
            {
                if (_transport.Receive(buffer, 0, buffer.Length, 500) is var length and > 0) Report(DotsLinkEventKind.Received, buffer[..length]);
            }
            _transport.Close();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or SocketException or ObjectDisposedException)
        {
            // The peer broke the handshake or the record layer, or our socket is gone: the link is over, which is reported below.
        }
        finally
        {
            IsRunning = false;
            _input.CompleteAdding();
            Report(DotsLinkEventKind.Closed);
        }
    }
}
