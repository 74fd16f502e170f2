using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater share</c>: what others may be told of an incident, in a format of theirs; and taking it back. Nothing is sent.</summary>
internal static class ShareCommand
{
    public static Command Create()
    {
        var url = ApiClient.Url();
        url.Recursive = true;
        var id = Id();
        var format = new Option<string>("--format") { Description = "stix (a STIX 2.1 bundle), xarf (X-ARF abuse reports), ddosdb (a fingerprint) or misp (a MISP event).", HelpName = "FORMAT", DefaultValueFactory = _ => "stix" };
        format.AcceptOnlyFromAmong("stix", "xarf", "ddosdb", "misp");
        var command = new Command("share", "Print what others may be told of an incident, as JSON of theirs. Nothing is sent.") { id, format, url };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var answer = await api.SendAsync(HttpMethod.Get, $"/api/v1/incidents/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/shared?format={parsed.GetRequiredValue(format)}", null, cancel);
            if (!answer.IsGood) throw new CommandFailedException(answer.Detail, answer.Status == 404 ? ExitCode.NotFound : ExitCode.Refused);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(Encoding.UTF8.GetString(answer.Body));
            return ExitCode.Ok;
        });
        command.Add(Reverse(url));
        return command;
    }

    private static Command Reverse(Option<string> url)
    {
        var id = Id();
        var why = new Option<string?>("--why") { Description = "Why, for the audit log.", HelpName = "TEXT" };
        var command = new Command("reverse", "The finding was wrong: take back for good what others were told of it.") { id, why };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var answer = await api.SendAsync(HttpMethod.Post, $"/api/v1/incidents/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/reverse?why={Uri.EscapeDataString(parsed.GetValue(why) ?? "")}", null, cancel);
            if (!answer.IsGood) throw new CommandFailedException(answer.Detail, answer.Status == 404 ? ExitCode.NotFound : ExitCode.Refused);
            using var document = JsonDocument.Parse(answer.Body);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Revoked: {document.RootElement.GetProperty("revoked").GetInt32()} objects. It is not told of again.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> Id()
    {
        var id = new Argument<string>("ID") { Description = "Identifier of the incident." };
        id.RefuseOptions();
        return id;
    }
}
