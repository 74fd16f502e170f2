using System.Text;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Dots;

namespace Breakwater.Tests.Protocols.Dots;

public class DotsDataChannelTests
{
    private const string Cuid = "dz6pHjaADkaFTbjr0JGBpw";
    private const string Web = """{"ietf-dots-data-channel:aliases":{"alias":[{"name":"web","target-prefix":["192.0.2.80/32"],"target-port-range":[{"lower-port":443}],"target-protocol":[6]}]}}""";
    private const string Filter =
        """
        {"ietf-dots-data-channel:acls":{"acl":[{"name":"f","type":"ipv4-acl-type","activation-type":"immediate","aces":{"ace":[
          {"name":"no-dns","matches":{"ipv4":{"source-ipv4-network":"203.0.113.0/24"},"udp":{"source-port-range-or-operator":{"operator":"eq","port":53}}},"actions":{"forwarding":"drop"}},
          {"name":"slow-syn","matches":{"ipv4":{"destination-ipv4-network":"192.0.2.0/25"},"tcp":{"flags-bitmask":{"operator":"match","bitmask":2}}},"actions":{"forwarding":"accept","rate-limit":"1000.00"}},
          {"name":"rest","matches":{"ipv4":{"ttl":5}},"actions":{"forwarding":"accept"}}]}}]}}
        """;

    private static readonly DotsClientProfile Alpha = Client("alpha", "192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32");
    private static readonly DotsClientProfile Beta = Client("beta", "198.51.100.0/24");

    private readonly DotsDataStore _store = new();
    private Timestamp _now = Timestamp.FromUnixSeconds(1_800_000_000);

    [Fact]
    public void Registers_a_client_once_and_keeps_its_cuid_for_it()
    {
        Assert.Equal(201, Register(Alpha).Status);
        Assert.Equal(409, Register(Alpha).Status);
        Assert.Equal(204, Ask(Alpha, "PUT", $"/dots-client={Cuid}", $$"""{"ietf-dots-data-channel:dots-client":[{"cuid":"{{Cuid}}"}]}""").Status);
        Assert.Equal(409, Register(Beta).Status);
        Assert.Equal(404, Ask(Beta, "GET", $"/dots-client={Cuid}").Status);
        Assert.Equal(204, Ask(Alpha, "DELETE", $"/dots-client={Cuid}").Status);
        Assert.Equal(404, Ask(Alpha, "GET", $"/dots-client={Cuid}").Status);
    }

    [Theory]
    [InlineData("""{"\ud800":1,"ietf-dots-data-channel:dots-client":[{"cuid":"c"}]}""")]
    [InlineData("""{"ietf-dots-data-channel:dots-client":[{"cuid":"\ud800"}]}""")]
    [InlineData("""{"ietf-dots-data-channel:dots-client":[{"cuid":"c","\ud800":1}]}""")]
    [InlineData("""{"a":1,"a":1}""")]
    public void Refuses_a_body_that_could_not_be_read_to_the_end(string body) => Assert.Equal(400, Ask(Alpha, "POST", "", body).Status);

    [Fact]
    public void Creates_shows_replaces_and_deletes_an_alias_that_the_signal_channel_then_knows()
    {
        Register(Alpha);
        Assert.Equal(201, Ask(Alpha, "POST", $"/dots-client={Cuid}", Web).Status);
        Assert.Equal(409, Ask(Alpha, "POST", $"/dots-client={Cuid}", Web).Status);
        var alias = _store.Alias(Alpha, Cuid, "web")!;
        Assert.Equal((Prefix.Parse("192.0.2.80/32"), new ValueRange(443, 443)), (alias.TargetPrefixes[0], alias.TargetPorts[0]));
        Assert.Null(_store.Alias(Beta, Cuid, "web"));

        Assert.Equal(204, Ask(Alpha, "PUT", $"/dots-client={Cuid}/aliases/alias=web", Web.Replace("443", "444", StringComparison.Ordinal)).Status);
        var shown = Ask(Alpha, "GET", $"/dots-client={Cuid}/aliases/alias=web").Body!["ietf-dots-data-channel:aliases"]!["alias"]![0]!;
        Assert.Equal((444, 7 * 24 * 60), ((int)shown["target-port-range"]![0]!["lower-port"]!, (int)shown["pending-lifetime"]!));
        Assert.Null(Ask(Alpha, "GET", $"/dots-client={Cuid}/aliases", null, "config").Body!["ietf-dots-data-channel:aliases"]!["alias"]![0]!["pending-lifetime"]);
        Assert.Equal(204, Ask(Alpha, "DELETE", $"/dots-client={Cuid}/aliases/alias=web").Status);
        Assert.Null(_store.Alias(Alpha, Cuid, "web"));
    }

    [Fact]
    public void Turns_filters_in_force_into_rules_within_the_clients_prefixes()
    {
        Register(Alpha);
        Assert.Equal(201, Ask(Alpha, "POST", $"/dots-client={Cuid}", Filter).Status);
        var rules = _store.Rules(_ => false);
        // Without a destination: one rule for each of the client's IPv4 prefixes.
        Assert.Equal(["192.0.2.0/24", "198.51.100.0/24", "192.0.2.0/25"], rules.Select(r => r.Match.Destination.ToString()!));
        Assert.Equal((null, 53), (rules[0].RateBitsPerSecond, rules[0].Match.SourcePorts[0].From));
        Assert.Equal((8000.0, (byte)2, (byte)2), (rules[2].RateBitsPerSecond, rules[2].Match.TcpFlags, rules[2].Match.TcpFlagsMask));

        Assert.True(_store.Switch(Alpha, Cuid, new DotsFilterSwitch("f", DotsActivation.WhenMitigating)));
        Assert.Empty(_store.Rules(_ => false));
        Assert.Equal(3, _store.Rules(client => client == "alpha").Count);
        Assert.True(_store.Switch(Alpha, Cuid, new DotsFilterSwitch("f", DotsActivation.Deactivate)));
        Assert.Empty(_store.Rules(_ => true));
        Assert.Equal("deactivate", (string?)Ask(Alpha, "GET", $"/dots-client={Cuid}/acls/acl=f").Body!["ietf-dots-data-channel:acls"]!["acl"]![0]!["activation-type"]);
        Assert.False(_store.Switch(Beta, Cuid, new DotsFilterSwitch("f", DotsActivation.Immediate)));
    }

    [Theory]
    [InlineData("""{"ietf-dots-data-channel:aliases":{"alias":[{"name":"x","target-prefix":["203.0.113.0/24"]}]}}""", "not within the prefixes")]
    [InlineData("""{"ietf-dots-data-channel:aliases":{"alias":[{"name":"x","target-protocol":[6]}]}}""", "is needed")]
    [InlineData("""{"ietf-dots-data-channel:aliases":{"alias":[{"target-prefix":["192.0.2.0/24"]}]}}""", "needs a name")]
    [InlineData("""{"ietf-dots-data-channel:aliases":{"alias":[{"name":"x","target-prefix":"192.0.2.0/24"}]}}""", "target-prefix")]
    [InlineData("""{"ietf-dots-data-channel:aliases":{"alias":[5]}}""", "no objects")]
    [InlineData("""{"ietf-dots-data-channel:aliases":{"alias":[{"name":"x","frobnicate":1}]}}""", "no parameter")]
    [InlineData("""{"ietf-dots-data-channel:acls":{"acl":[{"name":"x","aces":{"ace":[{"name":"e","matches":{"ipv4":{"destination-ipv4-network":"203.0.113.0/24"}},"actions":{"forwarding":"drop"}}]}}]}}""", "not within the prefixes")]
    [InlineData("""{"ietf-dots-data-channel:acls":{"acl":[{"name":"x","aces":{"ace":[{"name":"e","matches":{"ipv4":{"ttl":5}},"actions":{"forwarding":"drop"}}]}}]}}""", "not supported")]
    [InlineData("""{"ietf-dots-data-channel:acls":{"acl":[{"name":"x","aces":{"ace":[{"name":"e","matches":{},"actions":{"forwarding":"reject"}}]}}]}}""", "not supported")]
    [InlineData("""{"ietf-dots-data-channel:acls":{"acl":[{"name":"x","type":"eth-acl-type","aces":{"ace":[{"name":"e","actions":{"forwarding":"drop"}}]}}]}}""", "not supported")]
    [InlineData("""{"ietf-dots-data-channel:acls":{"acl":[{"name":"x","aces":{"ace":[{"name":"e"}]}}]}}""", "actions are missing")]
    [InlineData("""{"ietf-dots-data-channel:acls":{"acl":[{"name":"x"}]}}""", "aces are missing")]
    [InlineData("""{"other":1}""", "needed")]
    [InlineData("[1]", "not a JSON object")]
    [InlineData("{", "not a JSON object")]
    [InlineData("""{"a":1,"a":2}""", "not a JSON object")]
    public void Says_what_is_wrong_and_keeps_nothing(string body, string reason)
    {
        Register(Alpha);
        var answer = Ask(Alpha, "POST", $"/dots-client={Cuid}", body);
        Assert.Equal(400, answer.Status);
        Assert.Contains(reason, (string)answer.Body!["ietf-restconf:errors"]!["error"]![0]!["error-message"]!, StringComparison.Ordinal);
        var all = Ask(Alpha, "GET", $"/dots-client={Cuid}").Body!["ietf-dots-data-channel:dots-client"]![0]!;
        Assert.Empty(all["aliases"]!["alias"]!.AsArray());
        Assert.Empty(all["acls"]!["acl"]!.AsArray());
    }

    [Fact]
    public void Forgets_what_nobody_refreshes_for_a_week()
    {
        Register(Alpha);
        _now += TimeSpan.FromDays(6);
        _store.Tick(_now);
        Assert.Equal(200, Ask(Alpha, "GET", $"/dots-client={Cuid}").Status);
        _now += TimeSpan.FromDays(7);
        _store.Tick(_now);
        Assert.Equal(404, Ask(Alpha, "GET", $"/dots-client={Cuid}").Status);
    }

    [SharedDataFact("vectors/dots")]
    public void Takes_the_requests_of_the_standards_examples_and_shows_them_again()
    {
        foreach (var (file, cuid) in new[] { ("rfc8783-05.json", Cuid), ("rfc8783-08.json", Cuid), ("rfc8783-11.json", Cuid), ("rfc8783-13.json", "b"), ("rfc8783-14.json", "c"), ("rfc8783-16.json", "d"), ("rfc8783-17.json", "e") })
        {
            Ask(Alpha, "POST", "", $$"""{"ietf-dots-data-channel:dots-client":[{"cuid":"{{cuid}}"}]}""");
            var body = Example(file);
            Assert.Equal(201, Ask(Alpha, "POST", $"/dots-client={cuid}", body.ToJsonString()).Status);
            var (container, list) = body.First().Key.EndsWith("aliases", StringComparison.Ordinal) ? ("aliases", "alias") : ("acls", "acl");
            var shown = Ask(Alpha, "GET", $"/dots-client={cuid}/{container}", null, "config").Body!["ietf-dots-data-channel:" + container]![list]!.AsArray();
            Assert.Contains(shown, entry => JsonNode.DeepEquals(entry, body.First().Value![list]![0]));
        }
        Assert.Equal(409, Ask(Alpha, "POST", "", Example("rfc8783-01.json").ToJsonString().Replace("string", Cuid, StringComparison.Ordinal)).Status);
        Assert.Equal(204, Ask(Alpha, "PUT", $"/dots-client={Cuid}", Example("rfc8783-04.json").ToJsonString()).Status);
        Assert.Equal(201, Ask(Alpha with { IsGateway = true }, "POST", "", Example("rfc8783-02.json").ToJsonString()).Status);
    }

    [SharedDataFact("vectors/dots")]
    public void Has_the_capabilities_of_the_standards_example_but_for_the_length_of_udp()
    {
        var example = Example("rfc8783-07.json")["ietf-dots-data-channel:capabilities"]!;
        var ours = Ask(Alpha, "GET", "/capabilities").Body!["ietf-dots-data-channel:capabilities"]!;
        example["udp"]!.AsObject().Remove("length");
        foreach (var (name, value) in example.AsObject())
        {
            if (value is JsonObject fields)
                foreach (var (field, supported) in fields) Assert.Equal((bool)supported!, (bool?)ours[name]![field]);
            else Assert.True(JsonNode.DeepEquals(value, ours[name]));
        }
    }

    [Fact]
    public void Never_throws_on_any_truncation_or_corruption()
    {
        Register(Alpha);
        foreach (var good in new[] { Web, Filter }.Select(Encoding.UTF8.GetBytes))
        {
            for (var i = 0; i < good.Length; i++)
            {
                Do("POST", good.AsMemory(0, i));
                foreach (var value in "\"0[]{},:x9-"u8.ToArray())
                {
                    var bad = (byte[])good.Clone();
                    bad[i] = value;
                    Do("POST", bad);
                }
            }
        }

        void Do(string method, ReadOnlyMemory<byte> body)
        {
            var answer = new DotsDataChannel(_store).Answer(_now, Alpha, method, $"/dots-client={Cuid}", null, body);
            Assert.Contains(answer.Status, new[] { 201, 400, 409 });
        }
    }

    private static JsonObject Example(string file) => JsonNode.Parse(File.ReadAllText(SharedData.Path("vectors", "dots", "rfc", file)))!["body"]!.AsObject();

    private DotsDataAnswer Register(DotsClientProfile client) => Ask(client, "POST", "", $$"""{"ietf-dots-data-channel:dots-client":[{"cuid":"{{Cuid}}"}]}""");

    private DotsDataAnswer Ask(DotsClientProfile client, string method, string path, string? body = null, string? content = null) =>
        new DotsDataChannel(_store).Answer(_now, client, method, path, content, Encoding.UTF8.GetBytes(body ?? ""));

    private static DotsClientProfile Client(string name, params string[] prefixes) => new(name, [.. prefixes.Select(Prefix.Parse)], new Dictionary<string, IReadOnlyList<Prefix>>());
}
