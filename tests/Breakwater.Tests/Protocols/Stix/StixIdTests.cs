using System.Text.Json.Nodes;
using Breakwater.Protocols.Stix;

namespace Breakwater.Tests.Protocols.Stix;

public class StixIdTests
{
    /// <summary>ID contributing properties of the types that we write, STIX 2.1 §6.</summary>
    private static readonly Dictionary<string, string[]> Contributing = new()
    {
        ["ipv4-addr"] = ["value"],
        ["ipv6-addr"] = ["value"],
        ["domain-name"] = ["value"],
        ["url"] = ["value"],
        ["mac-addr"] = ["value"],
        ["autonomous-system"] = ["number"],
        ["network-traffic"] = ["start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols"],
    };

    [SharedDataFact("vectors/stix")]
    public void Observables_get_the_identifiers_that_everybody_gives_them()
    {
        var vectors = JsonNode.Parse(File.ReadAllText(SharedData.Path("vectors", "stix", "python-stix2", "deterministic-ids.json")))!.AsArray();

        var checkedTypes = new HashSet<string>();
        foreach (var vector in vectors.Select(v => v!.AsObject()).Where(v => Contributing.ContainsKey((string)v["type"]!)))
        {
            var type = (string)vector["type"]!;
            var identifying = new JsonObject(Contributing[type].Where(vector.ContainsKey).Select(name => KeyValuePair.Create(name, vector[name]?.DeepClone())));

            Assert.Equal((string)vector["id"]!, StixId.OfObservable(type, identifying));
            checkedTypes.Add(type);
        }
        Assert.Superset(new HashSet<string> { "ipv4-addr", "ipv6-addr", "network-traffic" }, checkedTypes);
    }

    /// <remarks>RFC 9562, appendix A.4.</remarks>
    [Fact]
    public void Computes_the_UUID_of_the_standard() =>
        Assert.Equal("2ed6657d-e927-568b-95e1-2665a8aea6a2", StixId.Uuid5(Guid.Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com"u8).ToString());

    [Theory]
    [InlineData("indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb", true)]
    [InlineData("indicator--3600ad1bfff14c98bcc94de3bc2e2ffb", false)]
    [InlineData("--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb", false)]
    [InlineData("Indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb", false)]
    [InlineData("indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb'", false)]
    [InlineData("", false)]
    public void Recognises_an_identifier(string text, bool good) => Assert.Equal(good, StixId.TryParse(text, out _));
}
