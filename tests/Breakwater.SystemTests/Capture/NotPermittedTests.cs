using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Capture;

/// <summary>The service as an ordinary user starts it.</summary>
public class NotPermittedTests
{
    [NeedsFact(Needs.Root, "setpriv", "chmod")]
    public async Task Without_the_right_to_capture_the_service_goes_on_with_flows_and_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        await Command.Run(["chmod", "-R", "0777", folder.Path]);
        var settings = new ServiceSettings { Folder = folder, Home = ["192.0.2.0/24"], Listen = [$"127.0.0.1:{FreePort.Udp()}"], Capture = "{ interfaces: [lo] }" };
        using var service = await Service.Start(settings, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"], []);

        var told = Assert.Single(service.Output.Split('\n'), line => line.Contains("No live capture", StringComparison.Ordinal));
        Assert.Contains("not permitted to capture packets", told, StringComparison.Ordinal);
        Assert.Contains("CAP_NET_RAW", told, StringComparison.Ordinal);
        Assert.Contains("setcap cap_net_raw+ep ", told, StringComparison.Ordinal);
        Assert.Contains("no live capture (see the warning above)", service.Output, StringComparison.Ordinal);

        using var router = new NetFlow5Sender(settings.Listen[0]);
        router.Add("198.51.100.1", "192.0.2.10", protocol: 6, sourcePort: 40_000, destinationPort: 443, packets: 10, bytes: 5_000);
        router.Flush();
        await Poll.Until("flows are received", async () => await service.Metric("breakwater_flows_records_total") == 1, describe: () => service.Output);
    }
}
