using System.Net;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Sharing;

/// <summary>What others get of real attacks is what their standards say it must be.</summary>
public class SchemaTests
{
    /// <summary>Debian's python3-jsonschema brings this program along.</summary>
    private const string Validator = "jsonschema";

    private static readonly string StixSchemas = SharedData.Path("vectors", "stix", "json-schemas");
    private static readonly string XarfSchemas = SharedData.Path("..", "standards", "xarf", "schemas", "v4");

    [NeedsTheory(Validator, Needs.Captures, "data:vectors/stix")]
    [InlineData("hidden", "tlp1: false")]
    [InlineData("network", "tlp1: true, tlp: red")]
    [InlineData("full", "tlp: clear")]
    public async Task Bundles_of_real_attacks_are_good_STIX_by_OASIS_own_schemas(string victims, string more)
    {
        foreach (var attack in (AttackCapture[])[AttackCapture.Named("ddos-snmp-reflection.pcapng"), AttackCapture.Named("ddos-ipv6-ah-flood.pcap")])
        {
            using var folder = new TemporaryFolder();
            using var service = await Replayed(attack, folder, $"victims: {victims}, {more}");
            var bundle = await service.Http.GetStringAsync($"/api/v1/incidents/{await Incident(service, attack)}/shared?format=stix");

            Assert.Empty(await JsonSchema.Problems(StixSchemas, Path.Combine(StixSchemas, "common", "bundle.json"), bundle, folder));
            Assert.NotEmpty(await JsonSchema.Problems(StixSchemas, Path.Combine(StixSchemas, "common", "bundle.json"), bundle.Replace("\"spec_version\"", "\"spec\"", StringComparison.Ordinal), folder));
            Assert.Equal(victims == "full", bundle.Contains($"'{attack.Victim}'", StringComparison.Ordinal) || bundle.Contains($"\"{attack.Victim}\"", StringComparison.Ordinal));
        }
    }

    [NeedsFact(Validator, Needs.Captures, "data:../standards/xarf")]
    public async Task Abuse_reports_of_a_real_attack_are_good_X_ARF_by_its_own_schemas()
    {
        var attack = AttackCapture.Named("ddos-snmp-reflection.pcapng");
        using var folder = new TemporaryFolder();
        using var service = await Replayed(attack, folder, "victims: full");
        var path = $"/api/v1/incidents/{await Incident(service, attack)}/shared?format=xarf";
        var reports = (await service.Get(path)).EnumerateArray().ToArray();

        Assert.NotEmpty(reports);
        foreach (var report in reports.Take(5))
        {
            Assert.Empty(await JsonSchema.Problems(XarfSchemas, Path.Combine(XarfSchemas, "xarf-v4-master.json"), report.GetRawText(), folder));
            Assert.NotEmpty(await JsonSchema.Problems(XarfSchemas, Path.Combine(XarfSchemas, "xarf-v4-master.json"), report.GetRawText().Replace("\"source_port\"", "\"port\"", StringComparison.Ordinal), folder));
        }
    }

    private static Task<Service> Replayed(AttackCapture attack, TemporaryFolder folder, string sharing) => Service.Start(
        new ServiceSettings { Folder = folder, Home = [attack.Home], More = $"sharing: {{ organisation: Example Networks, contact: soc@example.net, min_severity: info, min_confidence: 0, {sharing} }}\n" },
        "--replay", attack.Path);

    private static async Task<string> Incident(Service service, AttackCapture attack)
    {
        var incident = await Poll.Until("the attack is told", async () => (await service.Incidents()).FirstOrDefault(attack.IsToldBy), describe: () => service.Output);
        using var answer = await service.Http.GetAsync($"/api/v1/incidents/{incident.Id}/shared");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return incident.Id;
    }
}
