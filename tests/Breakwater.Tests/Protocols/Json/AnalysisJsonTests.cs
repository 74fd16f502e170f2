using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;
using Breakwater.Tests.Core.Incidents;

namespace Breakwater.Tests.Protocols.Json;

public class AnalysisJsonTests
{
    private static readonly AnalysisReport Report = new()
    {
        Files = ["a <b>.pcap"],
        Format = "pcap",
        Packets = 3,
        Flows = 2,
        Bytes = 180,
        From = IncidentSamples.Noon,
        To = IncidentSamples.Noon + TimeSpan.FromSeconds(1),
        Home = [Prefix.Parse("192.0.2.0/24")],
        HomeInferred = true,
        Problems = ["truncated at octet 120"],
        Incidents = [IncidentSamples.DnsAmplification()],
        Series = [],
        PointWidth = TimeSpan.FromSeconds(1),
        TopTalkers = [],
    };

    [Fact]
    public void The_document_has_the_promised_shape()
    {
        using var json = JsonDocument.Parse(Write(Report));
        var root = json.RootElement;

        Assert.Equal(["schema", "input", "incidents"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("breakwater.analysis/1", root.GetProperty("schema").GetString());
        Assert.Equal(
            ["files", "format", "packets", "flows", "bytes", "from", "to", "home", "homeInferred", "problems"],
            root.GetProperty("input").EnumerateObject().Select(p => p.Name));
        Assert.Equal("2025-06-15T15:06:40.000000Z", root.GetProperty("input").GetProperty("from").GetString());
        Assert.Equal(2, root.GetProperty("incidents")[0].GetProperty("evidence").GetArrayLength());
    }

    [Fact]
    public void An_empty_capture_has_no_times_and_no_incidents()
    {
        using var json = JsonDocument.Parse(Write(Report with { From = null, To = null, Incidents = [] }));

        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("input").GetProperty("from").ValueKind);
        Assert.Equal(0, json.RootElement.GetProperty("incidents").GetArrayLength());
    }

    [Fact]
    public void The_same_report_gives_the_same_bytes() => Assert.Equal(Write(Report).ToArray(), Write(Report).ToArray());

    [Fact]
    public void Nothing_in_it_can_close_a_script_element() => Assert.DoesNotContain("<b>", System.Text.Encoding.UTF8.GetString(Write(Report).Span), StringComparison.Ordinal);

    [Theory]
    [InlineData("2025-06-15T15:06:40Z", 1_750_000_000_000_000_000)]
    [InlineData("2025-06-15T17:06:40+02:00", 1_750_000_000_000_000_000)]
    [InlineData("2025-06-15T15:06:40.000000001Z", 1_750_000_000_000_000_001)]
    [InlineData("1969-12-31T23:59:59.999999999Z", -1)]
    public void Reads_a_date_time(string text, long nanoseconds)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));
        Assert.Equal(new Timestamp(nanoseconds), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2025-06-15")]
    [InlineData("2025-06-15T15:06:40")]
    [InlineData("2025-06-15T15:06:40.Z")]
    [InlineData("2025-06-15T15:06:40.0000000001Z")]
    [InlineData("2025-02-30T15:06:40Z")]
    [InlineData("9999-06-15T15:06:40Z")]
    public void Refuses_what_is_no_date_time(string text) => Assert.False(Rfc3339.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_750_000_000_123_456_789)]
    [InlineData(-1_234_567_890_123_456_789)]
    public void A_moment_survives_being_written(long nanoseconds)
    {
        Assert.True(Rfc3339.TryParse(Rfc3339.Format(new Timestamp(nanoseconds)), out var time));
        Assert.Equal(nanoseconds, time.Nanoseconds);
    }

    private static ReadOnlyMemory<byte> Write(AnalysisReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        AnalysisJson.Write(buffer, report);
        return buffer.WrittenMemory;
    }
}
