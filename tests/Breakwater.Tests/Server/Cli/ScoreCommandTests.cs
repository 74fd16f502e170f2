using Breakwater.Core.Incidents;
using Breakwater.Server.Cli;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Server.Api;

namespace Breakwater.Tests.Server.Cli;

public class ScoreCommandTests
{
    [Fact]
    public async Task Prints_what_fails_with_its_evidence_and_coverage_beside_the_score()
    {
        await using var api = await ApiHost.StartAsync();
        api.Store.Save([IncidentSamples.DnsAmplification() with { Kind = IncidentKind.Reflector, Severity = Severity.Medium, State = IncidentState.Open, Id = "reflector-1" }]);
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await BreakwaterCommand.RunAsync(["score", "--url", api.Address.ToString()], output, error);
        Assert.Equal((0, ""), (exit, error.ToString()));
        Assert.StartsWith("Score 0 % (0 of 1 known checks pass), coverage 8 % (1 of 13 checks are known)", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("fail     open-reflectors", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("- incident reflector-1: /api/v1/incidents/reflector-1", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("unknown  rpki-origins", output.ToString(), StringComparison.Ordinal);
    }
}
