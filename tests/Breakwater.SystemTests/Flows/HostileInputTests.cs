using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Flows;

/// <summary>Whatever arrives on a flow port: no crash, no growth, and the honest exporter beside it still counts to the packet.</summary>
public class HostileInputTests
{
    /// <summary>What the service may hold above its first state after any of the floods below.</summary>
    private const long GrowthLimit = 160L << 20;

    [Fact]
    public async Task Bad_bytes_from_others_do_not_change_the_totals_of_a_good_exporter()
    {
        using var collector = await Collector.Start();
        using var good = new NetFlow5Sender(collector.Receiver, "127.0.0.2");
        using var bad = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        bad.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0));
        bad.Connect(IPEndPoint.Parse(collector.Receiver));
        var random = new Random(20_262);

        for (var i = 0; i < 20_000; i++)
        {
            SendNonsense(bad, random);
            if (i % 20 == 0) good.Add("198.51.100.9", "10.10.10.20", 17, 40_000, 443, packets: 3, bytes: 900);
            // Loopback has no wire to slow it down; the test is about content, not about rate.
            if (i % 200 == 0) await Task.Delay(1);
        }
        good.Flush();

        await collector.Receives(good.Flows);
        Assert.Equal((good.Flows, 0), await FlowsAndLossOf(collector, "127.0.0.2"));
    }

    [NeedsFact(Needs.Root)]
    public async Task A_million_forged_exporters_do_not_grow_memory()
    {
        using var collector = await Collector.Start();
        using var good = new NetFlow5Sender(collector.Receiver, "127.0.0.2");
        using var forger = new ForgedSender(collector.Receiver);
        var template = NetFlow9Template(domain: 1, id: 256);
        var before = collector.Service.ResidentBytes();

        for (var i = 0; i < 1_000_000; i++)
        {
            // Each is another address of 127.0.0.0/8, which loopback takes for its own.
            forger.Send(0x7F10_0000u + (uint)i, template);
            if (i % 500 != 0) continue;
            good.Add("198.51.100.9", "10.10.10.20", 17, 40_000, 443, packets: 3, bytes: 900);
            // From the first on: once the table is full of forgeries, only those that it knows already are heard.
            good.Flush();
            await Task.Delay(1);
        }

        // The flood may cost the good exporter a datagram in the kernel, never its place: what is missing is known to be.
        await Poll.Until("the good exporter is known to the last record", async () =>
            await FlowsAndLossOf(collector, "127.0.0.2") is var (flows, lost) && flows + lost == good.Flows, TimeSpan.FromSeconds(30));
        await StaysWithin(collector, before);
    }

    [NeedsFact(Needs.Root)]
    public async Task A_million_observation_domains_and_templates_do_not_grow_memory()
    {
        using var collector = await Collector.Start();
        var before = collector.Service.ResidentBytes();
        using var forger = new ForgedSender(collector.Receiver);

        for (var i = 0; i < 1_000_000; i++)
        {
            forger.Send(0x7F10_0000u + (uint)(i % 16), NetFlow9Template(domain: (uint)(i / 16), id: (ushort)(256 + i % 60_000)));
            if (i % 500 == 0) await Task.Delay(1);
        }

        await StaysWithin(collector, before);
    }

    [NeedsFact(Needs.Root)]
    public async Task Millions_of_spoofed_traffic_sources_do_not_grow_memory()
    {
        using var collector = await Collector.Start();
        using var router = new NetFlow5Sender(collector.Receiver, "127.0.0.2");
        var before = collector.Service.ResidentBytes();
        var random = new Random(20_263);

        for (var i = 0; i < 2_000_000; i++)
        {
            router.Add(new IPAddress(random.NextInt64(0x0100_0000, 0xDFFF_FFFF)).ToString(), "10.10.10.10", 6, random.Next(65_536), 80, packets: 1, bytes: 40);
            if (i % 15_000 == 0) await Task.Delay(1);
        }
        router.Flush();

        await StaysWithin(collector, before);
    }

    private static async Task<(long Flows, long Lost)> FlowsAndLossOf(Collector collector, string exporter)
    {
        var exporters = await collector.Service.Get("/api/v1/exporters");
        var found = exporters.GetProperty("exporters").EnumerateArray().Single(e => e.GetProperty("address").GetString() == exporter);
        return (found.GetProperty("flows").GetInt64(), found.GetProperty("lost").GetInt64());
    }

    private static async Task StaysWithin(Collector collector, long before)
    {
        await collector.Service.Ready();
        var grown = collector.Service.ResidentBytes() - before;
        Assert.True(grown < GrowthLimit, $"grew by {grown >> 20} MiB, limit {GrowthLimit >> 20} MiB\n{collector.Service.Output}");
    }

    private static void SendNonsense(Socket socket, Random random)
    {
        Span<byte> bytes = stackalloc byte[random.Next(1, 1400)];
        random.NextBytes(bytes);
        // Half carry the version number of a real protocol, so that its decoder gets to see them.
        if (bytes.Length > 4 && random.Next(2) == 0)
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(random.Next(4) switch { 0 => 5, 1 => 9, 2 => 10, _ => 0 }));
        socket.Send(bytes);
    }

    /// <summary>A version 9 datagram with one template of two fields (RFC 3954 §5.2).</summary>
    private static byte[] NetFlow9Template(uint domain, ushort id)
    {
        var datagram = new byte[20 + 16];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 9);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(8), (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(16), domain);
        ushort[] set = [0, 16, id, 2, 8, 4, 12, 4];
        for (var i = 0; i < set.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(20 + i * 2), set[i]);
        return datagram;
    }
}
