using System.Text.Json;
using Breakwater.Server.Cli;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Server.Api;

namespace Breakwater.Tests.Server.Cli;

public sealed class SimulateCommandTests
{
    [Fact]
    public async Task Over_an_incident_it_says_that_only_a_sample_of_the_attack_is_known()
    {
        await using var api = await ApiHost.StartAsync();
        var incident = IncidentSamples.DnsAmplification();
        api.Store.Save([incident]);

        var (exit, output) = await Run("mitigations", "simulate", incident.Id, "--url", api.Address.ToString());
        Assert.Equal(ExitCode.Ok, exit);
        Assert.StartsWith($"Over the {incident.Evidence.Flows.Count} flow records kept as evidence of the incident: a sample of the attack, without the target's ordinary traffic.", output, StringComparison.Ordinal);
        Assert.Contains("would have matched", output, StringComparison.Ordinal);

        (_, output) = await Run("mitigations", "simulate", incident.Id, "--json", "--to", "192.0.2.7", "--protocol", "udp", "--url", api.Address.ToString());
        using var json = JsonDocument.Parse(output);
        Assert.Equal(("evidence", incident.Evidence.Flows.Count), (json.RootElement.GetProperty("traffic").GetString(), json.RootElement.GetProperty("records").GetInt32()));
    }

    [SharedDataFact("captures")]
    public async Task Over_a_capture_it_counts_all_of_it()
    {
        var (exit, output) = await Run("mitigations", "simulate", "--json", SharedData.Path("captures", "ddos-snmp-reflection.pcapng"));
        Assert.Equal(ExitCode.Ok, exit);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("capture", json.RootElement.GetProperty("traffic").GetString());
        var rule = json.RootElement.GetProperty("rules")[0];
        Assert.InRange(rule.GetProperty("flows").GetInt64(), 1, json.RootElement.GetProperty("records").GetInt64());
    }

    private static async Task<(int Exit, string Output)> Run(params string[] args)
    {
        var output = new StringWriter();
        return (await BreakwaterCommand.RunAsync(args, output, TextWriter.Null), output.ToString());
    }
}
