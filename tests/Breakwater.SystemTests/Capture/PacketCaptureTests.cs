using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Net;
using Breakwater.SystemTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.SystemTests.Capture;

/// <summary>The capture ring against the kernel, with packets that are counted as they are sent.</summary>
public sealed class PacketCaptureTests : IDisposable
{
    private const int Count = 1000;
    private const int Port = 39_881;

    private readonly BatchQueue _queue = new(4096);
    private readonly List<Flow> _flows = [];
    private readonly List<byte[]> _packets = [];
    private PacketCapture? _capture;

    public void Dispose() => _capture?.Dispose();

    [NeedsFact(Needs.Root)]
    public void Counts_each_loopback_packet_once()
    {
        Start("lo");
        Send(IPAddress.Loopback);
        var flows = Captured(f => f.DestinationPort == Port && f.Protocol == 17, Count);
        Assert.Equal(Count, flows.Count);
        Assert.All(flows, f => Assert.Equal((IpAddr.Parse("127.0.0.1"), 1L, 28L + 100), (f.Source, f.Packets, f.Bytes)));
        var counter = Assert.Single(_capture!.Counters);
        Assert.Equal(("lo", _capture.Packets), (counter.Name, counter.Packets));
    }

    [NeedsFact(Needs.Root, "ip")]
    public void Sees_exactly_the_packets_that_leave_by_an_interface()
    {
        using var network = new NetworkNamespace();
        Start(InterfaceWith(network.Here));
        Send(IPAddress.Parse(network.There));
        var flows = Captured(f => f.DestinationPort == Port && f.Protocol == 17, Count);
        Assert.Equal(Count, flows.Count);
        var index = (uint)_capture!.Interfaces.Single().Index;
        Assert.All(flows, f => Assert.Equal((IpAddr.Parse(network.There), index, 0u, true), (f.Destination, f.OutputInterface, f.InputInterface, (f.Flags & FlowFlags.Egress) != 0)));
    }

    [NeedsFact(Needs.Root, "ip", "bash")]
    public void Sees_exactly_the_packets_that_come_in_by_an_interface()
    {
        using var network = new NetworkNamespace();
        Start(InterfaceWith(network.Here));
        using var sender = Command.Start(network.Wrap(["bash", "-c", $"for i in {{1..50}}; do echo breakwater > /dev/udp/{network.Here}/{Port}; done"]));
        var flows = Captured(f => f.DestinationPort == Port && f.Protocol == 17, 50);
        Assert.Equal(50, flows.Count);
        var index = (uint)_capture!.Interfaces.Single().Index;
        Assert.All(flows, f => Assert.Equal((IpAddr.Parse(network.There), index, 0u, 28L + 11), (f.Source, f.InputInterface, f.OutputInterface, f.Bytes)));
    }

    [NeedsFact(Needs.Root)]
    public void Attaches_the_first_octets_of_each_packet()
    {
        Start("lo");
        Send(IPAddress.Loopback);
        var marked = Captured(f => f.DestinationPort == Port, Count);
        Assert.Equal(Count, marked.Count);
        // The payload holds the number of the packet: all are there, in order.
        var numbers = _packets.Where(p => p.Length == 14 + 28 + 100).Select(p => BitConverter.ToInt32(p, 14 + 28)).Where(n => n is >= 0 and < Count);
        Assert.Equal(Enumerable.Range(0, Count), numbers);
    }

    [NeedsFact(Needs.Root)]
    public void Says_which_interface_is_missing_and_captures_on_the_others()
    {
        Start("lo", "bwmissing0");
        Assert.Contains(_capture!.Interfaces, i => i is { Name: "bwmissing0", State: CaptureInterfaceState.Missing });
        Send(IPAddress.Loopback);
        Assert.Equal(Count, Captured(f => f.DestinationPort == Port && f.Protocol == 17, Count).Count);
    }

    [NeedsFact(Needs.Root)]
    public void Finds_the_loopback_interface_by_itself()
    {
        Start("auto");
        Assert.Contains(_capture!.Interfaces, i => i is { Name: "lo", IsLoopback: true });
    }

    private void Start(params string[] interfaces)
    {
        _capture = new PacketCapture(new PacketCaptureOptions { Interfaces = interfaces }, _queue, TimeProvider.System, NullLogger<PacketCapture>.Instance);
        Assert.True(_capture.TryStart(out var problem), problem);
    }

    private static void Send(IPAddress to)
    {
        // Nobody listens at the port, and an unconnected socket does not hear of it.
        using var sender = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var payload = new byte[100];
        for (var i = 0; i < Count; i++)
        {
            BitConverter.TryWriteBytes(payload, i);
            sender.SendTo(payload, new IPEndPoint(to, Port));
        }
    }

    /// <summary>Waits for as many flows as expected, then a little for any too many.</summary>
    private List<Flow> Captured(Func<Flow, bool> wanted, int expected)
    {
        Poll(TimeSpan.FromSeconds(20), () => _flows.Count(wanted) >= expected);
        Poll(TimeSpan.FromMilliseconds(200), () => false);
        Assert.Equal(0, _capture!.KernelDrops);
        return [.. _flows.Where(wanted)];
    }

    private void Poll(TimeSpan patience, Func<bool> enough)
    {
        var until = DateTime.UtcNow + patience;
        do
        {
            while (_queue.TryDequeue(TimeSpan.Zero, out var batch))
            {
                for (var i = 0; i < batch.Count; i++)
                {
                    _flows.Add(batch.Flows[i]);
                    if (batch.Flows[i].DestinationPort == Port) _packets.Add(batch.PacketOf(i, out _).ToArray());
                }
                _queue.Return(batch);
            }
            if (enough()) return;
            Thread.Sleep(10);
        }
        while (DateTime.UtcNow < until);
    }

    private static string InterfaceWith(string address) =>
        NetworkInterface.GetAllNetworkInterfaces().Single(i => i.GetIPProperties().UnicastAddresses.Any(a => a.Address.ToString() == address)).Name;
}
