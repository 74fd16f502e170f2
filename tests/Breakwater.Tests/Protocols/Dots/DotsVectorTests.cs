using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Dots;

namespace Breakwater.Tests.Protocols.Dots;

/// <summary>The RFCs' examples and tables, and go-dots' samples, against what the manifest says of them.</summary>
public class DotsVectorTests
{
    [SharedDataTheory("vectors/dots"), InlineData("cbor-keys-rfc9132.json", 51), InlineData("cbor-keys-rfc9244.json", 85)]
    public void Knows_every_parameter_of_the_table_with_its_key_and_types(string file, int count)
    {
        var table = JsonNode.Parse(File.ReadAllText(Vector("rfc", file)))!.AsArray();
        Assert.Equal(count, table.Count);
        foreach (var row in table)
        {
            var parameter = DotsParameters.Find((ulong)row!["key"]!);
            Assert.NotNull(parameter);
            Assert.Equal((string)row["name"]!, parameter.Name);
            Assert.Same(parameter, DotsParameters.Find(parameter.Name));
            var (cbor, json) = Types(parameter.Kind);
            Assert.Equal([.. row["cbor"]!.AsArray().Select(t => (string)t!)], cbor);
            Assert.Equal([.. row["json"]!.AsArray().Select(t => (string)t!)], json);
        }
    }

    [SharedDataFact("vectors/dots")]
    public void Decodes_figure_8_to_figure_7_and_encodes_it_back()
    {
        var cbor = File.ReadAllBytes(Vector("rfc", "rfc9132-figure8.cbor"));
        var example = JsonNode.Parse(File.ReadAllText(Vector("rfc", "rfc9132-02.json")))!["body"]!.AsObject();

        DotsBodyTests.AssertReads(example.ToJsonString(), cbor);
        Assert.Equal(cbor, DotsBody.Write(example));
    }

    [SharedDataFact("vectors/dots")]
    public void Encodes_every_signal_channel_example_and_decodes_it_back()
    {
        var seen = 0;
        foreach (var file in Directory.GetFiles(SharedData.Path("vectors", "dots", "rfc"), "rfc9*.json").Order(StringComparer.Ordinal))
        {
            var body = JsonNode.Parse(File.ReadAllText(file))!["body"]!.AsObject();
            Assert.True(DotsBody.TryWrite(body, out var cbor, out var problem), $"{Path.GetFileName(file)}: {problem}");
            DotsBodyTests.AssertReads(body.ToJsonString(), cbor);
            seen++;
        }
        Assert.Equal(17, seen);
    }

    [SharedDataTheory("vectors/dots")]
    [InlineData("sampleMitigationRequestDraft.json")]
    [InlineData("sampleMitigationRequestDraftControlFiltering.json")]
    [InlineData("sampleMitigationEfficacyTelemetryAttributes.json")]
    [InlineData("sampleSessionConfigurationDraft.json")]
    [InlineData("sampleTelemetryConfiguration.json")]
    [InlineData("sampleUriFilteringTelemetryPreMitigation.json")]
    [InlineData("sampleBaseline.json")]
    public void Encodes_what_go_dots_sends_and_decodes_it_to_the_same_octets(string file)
    {
        var cbor = DotsBody.Write(JsonNode.Parse(File.ReadAllText(Vector("go-dots", "dots_client", file)))!.AsObject());
        Assert.Equal(DecodeError.None, DotsBody.Read(cbor, out var body, out _));
        Assert.Equal(cbor, DotsBody.Write(body));
    }

    /// <summary>Bodies with the names of drafts before the RFC, or of go-dots' own control channel.</summary>
    [SharedDataTheory("vectors/dots")]
    [InlineData("sampleMitigationRequest.json", "mitigation-scope")]
    [InlineData("sampleMitigationRequest_ip.json", "mitigation-scope")]
    [InlineData("sampleMitigationCancelRequest.json", "mitigation-scope")]
    [InlineData("sampleSessionConfiguration.json", "session-id")]
    [InlineData("sampleCreateIdentifiers.json", "identifier")]
    [InlineData("sampleInstallFilteringRule.json", "access-lists")]
    [InlineData("sampleHello.json", "message")]
    [InlineData("sampleClientConfigurationRequest_HeartBeat.json", "session-config-heartbeat")]
    public void Names_the_draft_parameter_that_the_standard_does_not_have(string file, string parameter)
    {
        Assert.False(DotsBody.TryWrite(JsonNode.Parse(File.ReadAllText(Vector("go-dots", "dots_client", file)))!.AsObject(), out _, out var problem));
        Assert.Contains($"'{parameter}'", problem, StringComparison.Ordinal);
    }

    [SharedDataFact("vectors/dots")]
    public void Survives_every_truncation_and_corruption_of_the_examples()
    {
        foreach (var file in Directory.GetFiles(SharedData.Path("vectors", "dots", "rfc"), "rfc9*.json"))
        {
            var good = DotsBody.Write(JsonNode.Parse(File.ReadAllText(file))!["body"]!.AsObject());
            for (var i = 0; i < good.Length; i++)
            {
                DotsBody.Read(good.AsSpan(0, i), out _, out _);
                for (var bit = 1; bit < 256; bit <<= 1)
                {
                    good[i] ^= (byte)bit;
                    if (DotsBody.Read(good, out var body, out _) == DecodeError.None) DotsBody.Write(body);
                    good[i] ^= (byte)bit;
                }
            }
        }
    }

    private static string Vector(params string[] parts) => SharedData.Path(["vectors", "dots", .. parts]);

    private static (string[] Cbor, string[] Json) Types(DotsKind kind) => kind switch
    {
        DotsKind.Container => (["5 map"], ["Object"]),
        DotsKind.List => (["4 array"], ["Array"]),
        DotsKind.Text => (["3 text string"], ["String"]),
        DotsKind.TextList => (["4 array", "3 text string"], ["Array", "String"]),
        DotsKind.Number => (["0 unsigned"], ["Number"]),
        DotsKind.NumberList => (["4 array", "0 unsigned"], ["Array", "Number"]),
        DotsKind.Counter or DotsKind.Enumeration => (["0 unsigned"], ["String"]),
        DotsKind.EnumerationList => (["4 array", "0 unsigned"], ["Array", "String"]),
        DotsKind.Lifetime => (["0 unsigned", "1 negative"], ["Number", "Number"]),
        DotsKind.Decimal => (["6 tag 4 [-2, integer]"], ["String"]),
        DotsKind.Boolean => (["7 bits 20", "7 bits 21"], ["False", "True"]),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
