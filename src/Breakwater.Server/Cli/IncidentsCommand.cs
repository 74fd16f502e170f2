using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Protocols.Json;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater incidents</c>: the list, or one of them, from a running service.</summary>
internal static class IncidentsCommand
{
    public static Command Create()
    {
        var id = new Argument<string?>("ID") { Description = "Identifier of one incident; without it, the newest are listed.", Arity = ArgumentArity.ZeroOrOne };
        id.RefuseOptions();
        var url = ApiClient.Url();
        var limit = new Option<int>("--limit") { Description = "How many are listed, 1 to 500.", HelpName = "N", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 500) result.AddError("--limit goes from 1 to 500");
        });
        var json = new Option<bool>("--json") { Description = "Print the API's JSON instead." };
        var command = new Command("incidents", "List the incidents that a running service knows, or show one of them.") { id, url, limit, json };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var output = parsed.InvocationConfiguration.Output;
            var one = parsed.GetValue(id);
            var answer = await api.GetAsync(
                one is null ? string.Create(CultureInfo.InvariantCulture, $"/api/v1/incidents?limit={parsed.GetValue(limit)}") : $"/api/v1/incidents/{Uri.EscapeDataString(one)}", cancel);
            if (parsed.GetValue(json)) await output.WriteLineAsync(Encoding.UTF8.GetString(answer));
            else if (one is null) List(output, Read(answer));
            else new AnalysisText(output).Write(IncidentJson.Read(answer));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The incidents of one page of the API's list.</summary>
    internal static IReadOnlyList<Incident> Read(byte[] page)
    {
        using var document = JsonDocument.Parse(page);
        return [.. document.RootElement.GetProperty("incidents").EnumerateArray().Select(i => IncidentJson.Read(Encoding.UTF8.GetBytes(i.GetRawText())))];
    }

    private static void List(TextWriter output, IReadOnlyList<Incident> incidents)
    {
        if (incidents.Count == 0)
        {
            output.WriteLine("No incidents.");
            return;
        }
        output.WriteLine($"{"IDENTIFIER",-26} {"START (UTC)",-19} {"STATE",-9} {"SEVERITY",-8} {"KIND",-15} {"TARGET",-24} {"PEAK",-23} VECTORS");
        foreach (var incident in incidents)
        {
            var about = incident.Target is { } target ? Words.Of(target) : incident.Host?.ToString() ?? "";
            output.WriteLine($"{incident.Id,-26} {Words.Moment(incident.Start)[..19],-19} {incident.State.Name(),-9} {incident.Severity.Name(),-8} {incident.Kind.Name(),-15} {about,-24} "
                + $"{Words.Peak(incident),-23} {string.Join(", ", incident.Vectors)}");
        }
    }
}
