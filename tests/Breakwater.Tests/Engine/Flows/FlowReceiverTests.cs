using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine.Flows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Flows;

public sealed class FlowReceiverTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly BatchQueue _queue = new(4096);
    private readonly ExporterTable _exporters = new(64, []);
    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private FlowReceiver? _receiver;

    public void Dispose()
    {
        _receiver?.Dispose();
        _sender.Dispose();
    }

    [Fact]
    public async Task Hands_over_the_flows_of_every_datagram()
    {
        Start(new CountingDecoder('A', flows: 3));
        for (var i = 0; i < 1000; i++) Send("A");
        Assert.Equal(3000, await Received(3000));
        var exporter = Assert.Single(_exporters.Exporters);
        Assert.Equal((IpAddr.Parse("127.0.0.1"), 1000L, 1000L), (exporter.Address, exporter.Datagrams, exporter.Octets));
        Assert.Equal((1000L, 3000L), (_receiver!.Protocols[0].Datagrams, _receiver.Protocols[0].Flows));
    }

    [Fact]
    public async Task Does_not_keep_a_lone_flow_waiting_for_others()
    {
        Start(new CountingDecoder('A', flows: 1));
        Send("A");
        Assert.Equal(1, await Received(1));
    }

    [Fact]
    public async Task Gives_each_datagram_to_the_decoder_that_recognises_it()
    {
        Start(new CountingDecoder('A', flows: 1), new CountingDecoder('B', flows: 10));
        foreach (var datagram in new[] { "A", "B", "A", "A", "B" }) Send(datagram);
        Assert.Equal(23, await Received(23));
        Assert.Equal([3L, 2L], _receiver!.Protocols.Select(p => p.Datagrams));
    }

    [Fact]
    public async Task Makes_no_exporter_known_for_bytes_of_no_protocol()
    {
        Start(new CountingDecoder('A', flows: 1));
        Send("nonsense");
        Send("");
        Send("x");
        Send("A");
        await Received(1);
        Assert.Equal((1L, 2L), (_receiver!.Unrecognised, _receiver.TooShort));
        Assert.Equal(1, Assert.Single(_exporters.Exporters).Datagrams);
    }

    [Fact]
    public async Task Sees_IPv4_exporters_as_IPv4_on_a_dual_stack_socket()
    {
        Start(IPAddress.IPv6Any, new CountingDecoder('A', flows: 1));
        Send("A");
        await Received(1);
        Assert.Equal(IpAddr.Parse("127.0.0.1"), Assert.Single(_exporters.Exporters).Address);
    }

    [Fact]
    public async Task Tells_IPv6_exporters_by_their_address()
    {
        Start(IPAddress.IPv6Loopback, new CountingDecoder('A', flows: 1));
        using var sender = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        sender.SendTo("A"u8, _receiver!.EndPoint);
        await Received(1);
        Assert.Equal(IpAddr.Parse("::1"), Assert.Single(_exporters.Exporters).Address);
    }

    [Fact]
    public async Task Takes_the_largest_datagrams()
    {
        var decoder = new CountingDecoder('A', flows: 1);
        Start(decoder);
        var large = new byte[65_507];
        large[0] = (byte)'A';
        _sender.SendTo(large, _receiver!.EndPoint);
        await Received(1);
        Assert.Equal(large.Length, decoder.LongestDatagram);
    }

    [Fact]
    public void Hands_over_what_it_holds_when_it_stops()
    {
        var decoder = new CountingDecoder('A', flows: 1);
        Start(decoder);
        Send("A");
        Assert.True(SpinWait.SpinUntil(() => decoder.Datagrams == 1, Patience));
        _receiver!.Dispose();
        Assert.True(_queue.TryDequeue(TimeSpan.Zero, out var batch));
        Assert.Equal(1, batch.Count);
    }

    [Fact]
    public void Says_which_address_cannot_be_bound()
    {
        Start(new CountingDecoder('A', flows: 1));
        using var second = Receiver(_receiver!.EndPoint);
        var refused = Assert.Throws<IOException>(second.Start);
        Assert.Contains(_receiver.EndPoint.ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_what_the_kernel_dropped_while_the_receiver_was_busy()
    {
        using var busy = new ManualResetEventSlim();
        Start(new CountingDecoder('A', flows: 0, busy));
        var datagrams = 0;
        while (_receiver!.KernelDrops < 10 && datagrams++ < 1_000_000) Send("A");
        busy.Set();
        Assert.True(_receiver.KernelDrops >= 10);
        var sent = datagrams;
        Assert.True(SpinWait.SpinUntil(() => _receiver.Protocols[0].Datagrams + _receiver.KernelDrops == sent, Patience));
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var decoder = new CountingDecoder('A', flows: 0);
        Start(decoder);
        Send(2000);
        Assert.Contains(0, Enumerable.Range(0, 5).Select(_ => AllocatedDuring(2000)));

        // Other tests' collections count what is left of a thread's allocation context as allocated. After one of our own the receiving thread has
        // no context, and gets none as long as it allocates nothing. What is left is the runtime's own, once in a while: it spoils one span, not all.
        long AllocatedDuring(int datagrams)
        {
            GC.Collect();
            Send(100);
            var before = decoder.Allocated;
            Send(datagrams);
            return decoder.Allocated - before;
        }

        void Send(int datagrams)
        {
            for (var enough = decoder.Datagrams + datagrams; decoder.Datagrams < enough;) this.Send("A");
        }
    }

    private void Start(params IFlowDecoder[] decoders) => Start(IPAddress.Loopback, decoders);

    private void Start(IPAddress address, params IFlowDecoder[] decoders)
    {
        _receiver = Receiver(new IPEndPoint(address, 0), decoders);
        _receiver.Start();
    }

    private FlowReceiver Receiver(IPEndPoint endpoint, params IFlowDecoder[] decoders) =>
        new(endpoint, 4 << 20, decoders, _exporters, _queue, TimeProvider.System, NullLogger.Instance);

    private void Send(string text) =>
        _sender.SendTo(System.Text.Encoding.ASCII.GetBytes(text), new IPEndPoint(IPAddress.Loopback, _receiver!.EndPoint.Port));

    private async Task<int> Received(int flows)
    {
        using var impatience = new CancellationTokenSource(Patience);
        var received = 0;
        while (received < flows)
        {
            FlowBatch? batch;
            while (!_queue.TryDequeue(TimeSpan.Zero, out batch)) await Task.Delay(1, impatience.Token);
            received += batch.Count;
            _queue.Return(batch);
        }
        return received;
    }

    /// <summary>Takes datagrams that begin with one letter and makes a fixed number of flows of each.</summary>
    private sealed class CountingDecoder(char letter, int flows, ManualResetEventSlim? gate = null) : IFlowDecoder
    {
        private long _allocated;
        private int _datagrams;

        public string Name => letter.ToString();
        public int Datagrams => Volatile.Read(ref _datagrams);
        public int LongestDatagram { get; private set; }

        /// <summary>Octets allocated by the receiving thread up to the last datagram.</summary>
        public long Allocated => Volatile.Read(ref _allocated);

        public bool Recognises(ReadOnlySpan<byte> datagram) => datagram.Length > 0 && datagram[0] == letter;

        public DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output)
        {
            gate?.Wait();
            for (var i = 0; i < flows; i++) output.Next().Exporter = exporter.Number;
            LongestDatagram = Math.Max(LongestDatagram, datagram.Length);
            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
            Volatile.Write(ref _datagrams, _datagrams + 1);
            return DecodeError.None;
        }
    }
}
