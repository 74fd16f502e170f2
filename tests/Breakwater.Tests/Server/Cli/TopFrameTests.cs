using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;
using Breakwater.Server.Cli;
using Breakwater.Tests.Server.Reports;

namespace Breakwater.Tests.Server.Cli;

public class TopFrameTests
{
    [Fact]
    public void Shows_rates_classes_incidents_and_hosts()
    {
        var frame = string.Join('\n', Render(120, 40));
        Assert.Contains("12.3 kpps     99 Mbit/s", frame, StringComparison.Ordinal);
        Assert.Contains("open incidents (2)", frame, StringComparison.Ordinal);
        Assert.Contains("192.0.2.7", frame, StringComparison.Ordinal);
        Assert.Contains("dns-amplification", frame, StringComparison.Ordinal);
        Assert.Contains("2001:db8::9", frame, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, 10)]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    public void Fits_the_window(int width, int height)
    {
        var lines = Render(width, height);
        Assert.InRange(lines.Count, 1, height);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
    }

    [Fact]
    public void Without_colour_there_is_no_escape_sequence() => Assert.DoesNotContain('\e', string.Join("", Render(120, 40)));

    private static IReadOnlyList<string> Render(int width, int height)
    {
        var classes = new Rates[Enum.GetValues<TrafficClass>().Length];
        classes[(int)TrafficClass.Udp] = new Rates(12_000, 90e6, 10);
        var traffic = TrafficSnapshot.Empty with
        {
            Time = Timestamp.FromUnixSeconds(1_700_000_000),
            In = new Rates(12_345, 99e6, 100),
            InByClass = classes,
            TopHosts = [new HostRates(IpAddr.Parse("2001:db8::9"), "default", new Rates(5, 6, 7), default)],
        };
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes)) TrafficJson.Write(json, traffic);
        using var document = JsonDocument.Parse(bytes.WrittenMemory);
        return new TopFrame(width, height, colour: false).Render("http://127.0.0.1:8080", document.RootElement, SampleReport.Attack.Incidents);
    }
}
