using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;
using Breakwater.Tests.Core.Incidents;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Json;

public class IncidentJsonTests
{
    [Fact]
    public void Fields_come_in_the_promised_order()
    {
        using var json = JsonDocument.Parse(Write(IncidentSamples.DnsAmplification()));

        Assert.Equal(
            ["id", "kind", "severity", "confidence", "target", "host", "sources", "sourceCount", "vectors", "start", "end", "peak", "explanation",
             "evidence", "mitigations"],
            json.RootElement.EnumerateObject().Select(p => p.Name).Take(15));
    }

    [Fact]
    public void A_host_target_is_a_bare_address_and_a_wider_one_a_prefix()
    {
        var incident = IncidentSamples.DnsAmplification();

        Assert.Equal("192.0.2.7", Field(incident, "target").GetString());
        Assert.Equal("2001:db8::/32", Field(incident with { Target = Prefix.Parse("2001:db8::/32") }, "target").GetString());
        Assert.Equal(JsonValueKind.Null, Field(incident with { Target = null }, "target").ValueKind);
    }

    [Fact]
    public void Lists_at_most_a_hundred_sources()
    {
        var many = Enumerable.Range(0, 500).Select(i => IpAddr.V4(0xC6336400u + (uint)i)).ToArray();

        Assert.Equal(100, Field(IncidentSamples.DnsAmplification() with { Sources = many }, "sources").GetArrayLength());
    }

    [Fact]
    public void A_number_that_json_cannot_hold_becomes_null()
    {
        var incident = IncidentSamples.DnsAmplification() with { PeakBitsPerSecond = double.NaN };

        Assert.Equal(JsonValueKind.Null, Field(incident, "peak").GetProperty("bitsPerSecond").ValueKind);
        Assert.True(double.IsNaN(IncidentJson.Read(Write(incident)).PeakBitsPerSecond));
    }

    [Fact]
    public void A_summary_holds_no_evidence()
    {
        using var json = JsonDocument.Parse(Write(IncidentSamples.DnsAmplification(), IncidentDetail.Summary));

        Assert.False(json.RootElement.TryGetProperty("evidence", out _));
        Assert.False(json.RootElement.TryGetProperty("evidencePackets", out _));
    }

    [Fact]
    public void Reading_gives_back_what_was_written() =>
        Prop.ForAll(Seeds, seed =>
        {
            var incident = IncidentSamples.Arbitrary(seed);
            Assert.Equivalent(incident, IncidentJson.Read(Write(incident)), strict: true);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Evidence_apart_from_its_incident_comes_back_whole() =>
        Prop.ForAll(Seeds, seed =>
        {
            var evidence = IncidentSamples.Arbitrary(seed).Evidence;
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer)) EvidenceJson.Write(json, evidence);
            Assert.Equivalent(evidence, EvidenceJson.Read(buffer.WrittenMemory), strict: true);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_damaged_document_is_a_format_error_and_nothing_else()
    {
        var golden = Write(IncidentSamples.DnsAmplification()).ToArray();
        for (var length = 0; length < golden.Length; length++) ReadOrFormatError(golden.AsMemory(0, length));
        for (var at = 0; at < golden.Length; at++)
        {
            var damaged = golden.ToArray();
            damaged[at] ^= 0x15;
            ReadOrFormatError(damaged);
        }
    }

    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    private static void ReadOrFormatError(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            IncidentJson.Read(utf8);
        }
        catch (FormatException)
        {
            // What the contract allows.
        }
    }

    private static JsonElement Field(Incident incident, string name)
    {
        using var json = JsonDocument.Parse(Write(incident));
        return json.RootElement.GetProperty(name).Clone();
    }

    internal static ReadOnlyMemory<byte> Write(Incident incident, IncidentDetail detail = IncidentDetail.Full)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) IncidentJson.Write(json, incident, detail);
        return buffer.WrittenMemory;
    }
}
