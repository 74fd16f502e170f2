using System.Net;
using System.Net.Sockets;

namespace Breakwater.SystemTests.Support;

/// <summary>Hands every datagram that it gets to several receivers, so that two collectors judge the very same bytes.</summary>
internal sealed class DatagramTee : IDisposable
{
    private readonly Socket _in = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8 << 20 };
    private readonly Socket[] _out;
    private readonly Thread _thread;
    private long _datagrams;

    public DatagramTee(params string[] receivers)
    {
        _in.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _out = [.. receivers.Select(Connected)];
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where to send to.</summary>
    public string Receiver => _in.LocalEndPoint!.ToString()!;

    /// <summary>Completes when everything that was sent has been passed on.</summary>
    public Task Drained()
    {
        long before = -1;
        return Poll.Until("the tee has nothing left to pass on", () =>
        {
            var (seen, last) = (Interlocked.Read(ref _datagrams), before);
            before = seen;
            return Task.FromResult(seen > 0 && seen == last && _in.Available == 0);
        });
    }

    public void Dispose()
    {
        _in.Dispose();
        _thread.Join();
        foreach (var socket in _out) socket.Dispose();
    }

    private static Socket Connected(string receiver)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPEndPoint.Parse(receiver));
        return socket;
    }

    private void Run()
    {
        var datagram = new byte[65_536];
        try
        {
            while (true)
            {
                var length = _in.Receive(datagram);
                Interlocked.Increment(ref _datagrams);
                foreach (var socket in _out) socket.Send(datagram.AsSpan(0, length));
                // The witness's receive buffer holds a hundred datagrams; an exporter that reads a file sends hundreds in a millisecond.
                if (_in.Available == 0) continue;
                Thread.Sleep(1);
            }
        }
        catch (SocketException)
        {
            // Closed: the test is over.
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
