namespace Breakwater.SystemTests.Support;

/// <summary>A service that receives flow records on one port of loopback, with its totals at hand.</summary>
internal sealed class Collector : IDisposable
{
    private readonly TemporaryFolder _folder;

    private Collector(TemporaryFolder folder, Service service, string receiver) => (_folder, Service, Receiver) = (folder, service, receiver);

    public Service Service { get; }

    /// <summary>Where exporters send to: "127.0.0.1:port".</summary>
    public string Receiver { get; }

    public static async Task<Collector> Start(string more = "")
    {
        var folder = new TemporaryFolder();
        try
        {
            var receiver = $"127.0.0.1:{FreePort.Udp()}";
            var service = await Service.Start(new ServiceSettings { Folder = folder, Home = ["10.10.10.0/24"], Listen = [receiver], More = more });
            return new Collector(folder, service, receiver);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until that many flow records were decoded and metered; more is for the assertions to find.</summary>
    public Task Receives(long flows) =>
        Poll.Until($"{flows} flows arrive", async () => (await Totals()).Flows >= flows, TimeSpan.FromSeconds(30), () => Service.Output);

    /// <summary>Everything received so far: records; packets and octets of IP, multiplied by the sampling rate.</summary>
    public async Task<(long Flows, long Packets, long Bytes)> Totals() =>
        ((long)await Service.Metric("breakwater_detection_flows_total"),
         (long)await Service.Metric("breakwater_detection_packets_total"),
         (long)await Service.Metric("breakwater_detection_bytes_total"));

    public void Dispose()
    {
        Service.Dispose();
        _folder.Dispose();
    }
}
