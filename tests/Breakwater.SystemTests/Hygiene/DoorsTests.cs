using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Hygiene;

/// <summary>The program with a router that tells of doors that stand open: a reflector, a service, an interface that lets forged sources in.</summary>
public sealed class DoorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Service? _service;

    [Fact]
    public async Task Open_doors_become_incidents_and_the_score_card_names_them()
    {
        // Half of the Internet, 203.0.113.0/24 not among it.
        var routed = Path.Combine(_folder.Path, "routed");
        await File.WriteAllLinesAsync(routed, Enumerable.Range(1, 119).Select(i => $"{i}.0.0.0/8").Append("192.0.2.0/24"));
        var settings = new ServiceSettings
        {
            Folder = _folder,
            Home = ["192.0.2.0/24"],
            Listen = [$"127.0.0.1:{FreePort.Udp()}"],
            More = $"behaviour: {{ source_audit: {{ routed_file: {routed}, interfaces: {{ customer: {{ exporter: 127.0.0.1, index: 3, allowed: [192.0.2.0/25] }} }} }} }}\n",
        };
        _service = await Service.Start(settings);
        using var router = new NetFlow5Sender(settings.Listen[0]);
        IReadOnlyList<IncidentView> incidents = [];
        await Poll.Until("a reflector, an exposed service and forged sources are told", async () =>
        {
            for (var client = 1; client <= 25; client++)
            {
                router.Add($"198.51.100.{client}", "192.0.2.7", protocol: 17, sourcePort: 40_000, destinationPort: 1900, packets: 1, bytes: 60);
                router.Add("192.0.2.7", $"198.51.100.{client}", protocol: 17, sourcePort: 1900, destinationPort: 40_000, packets: 2, bytes: 700);
            }
            router.Add("203.0.113.9", "198.51.100.77", protocol: 6, sourcePort: 40_000, destinationPort: 80, packets: 20, bytes: 800, inputInterface: 3);
            router.Add("192.0.2.9", "198.51.100.77", protocol: 6, sourcePort: 40_000, destinationPort: 80, packets: 20, bytes: 800, inputInterface: 3);
            router.Flush();
            incidents = await _service.Incidents();
            return Has("reflector", "medium", "open-reflector") && Has("exposure", "low", "exposed-service") && Has("spoofing", "medium", "unrouted-source");
        }, TimeSpan.FromSeconds(60), () => string.Join('\n', incidents) + "\n" + _service.Output);
        Assert.Equal("192.0.2.0/25", incidents.Single(i => i.Kind == "spoofing").Target);

        var card = await Command.Run(Service.Breakwater("score", "--url", $"http://127.0.0.1:{settings.HttpPort}"));
        Assert.StartsWith("Score 0 % (0 of 3 known checks pass), coverage 23 % (3 of 13 checks are known)", card, StringComparison.Ordinal);
        foreach (var (kind, check) in new[] { ("reflector", "open-reflectors"), ("exposure", "exposed-services"), ("spoofing", "source-validation") })
        {
            Assert.Contains($"fail     {check}", card, StringComparison.Ordinal);
            Assert.Contains($"/api/v1/incidents/{incidents.First(i => i.Kind == kind).Id}", card, StringComparison.Ordinal);
        }

        bool Has(string kind, string severity, string vector) => incidents.Any(i => i.Kind == kind && i.Severity == severity && i.Vectors.Contains(vector));
    }

    public void Dispose()
    {
        _service?.Dispose();
        _folder.Dispose();
    }
}
