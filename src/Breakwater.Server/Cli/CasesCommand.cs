using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Cases;
using Breakwater.Core.Incidents;
using Breakwater.Protocols.Json;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater cases</c>: our hosts that are infected or attack others, what their owners are told, and what is done.</summary>
internal static class CasesCommand
{
    public static Command Create()
    {
        var url = ApiClient.Url();
        url.Recursive = true;
        var json = new Option<bool>("--json") { Description = "Print the API's JSON instead.", Recursive = true };
        var why = new Option<string?>("--why") { Description = "Why, for the audit log.", HelpName = "TEXT", Recursive = true };
        var state = new Option<string?>("--state") { Description = "Only those in this state.", HelpName = "STATE" };
        var command = new Command("cases", "List our hosts that are infected or attack others, and move their cases.") { url, json, why, state };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var answer = await Ask(api, HttpMethod.Get, "/api/v1/cases?limit=1000" + (parsed.GetValue(state) is { } only ? $"&state={Uri.EscapeDataString(only)}" : ""), cancel);
            if (parsed.GetValue(json)) await parsed.InvocationConfiguration.Output.WriteLineAsync(Encoding.UTF8.GetString(answer));
            else List(parsed.InvocationConfiguration.Output, answer);
            return ExitCode.Ok;
        });
        command.Add(Show(url, json));
        command.Add(Text("notice", "What the subscriber is told, in plain words.", url, id => $"/api/v1/cases/{id}/notice"));
        command.Add(WalledGarden(url));
        command.Add(Step(CaseStep.Notify, "The subscriber was told.", url, json, why));
        command.Add(Step(CaseStep.Wall, "Into the walled garden.", url, json, why));
        command.Add(Step(CaseStep.Release, "Out of the walled garden, and watched.", url, json, why));
        command.Add(Step(CaseStep.Claim, "The subscriber says that it is cleaned: we look whether it is.", url, json, why));
        command.Add(Step(CaseStep.Close, "Done, or an error.", url, json, why));
        return command;
    }

    private static Command Show(Option<string> url, Option<bool> json)
    {
        var id = Id();
        var command = new Command("show", "One case, and what happened.") { id };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            Print(parsed, json, await Ask(api, HttpMethod.Get, $"/api/v1/cases/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}", cancel));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Text(string name, string description, Option<string> url, Func<string, string> path)
    {
        var id = Id();
        var command = new Command(name, description) { id };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            await parsed.InvocationConfiguration.Output.WriteAsync(Encoding.UTF8.GetString(await Ask(api, HttpMethod.Get, path(Uri.EscapeDataString(parsed.GetRequiredValue(id))), cancel)));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command WalledGarden(Option<string> url)
    {
        var command = new Command("walled-garden", "Addresses in the walled garden, one a line, for whatever puts them there.");
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            await parsed.InvocationConfiguration.Output.WriteAsync(Encoding.UTF8.GetString(await Ask(api, HttpMethod.Get, "/api/v1/cases/walled-garden", cancel)));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Step(CaseStep step, string description, Option<string> url, Option<bool> json, Option<string?> why)
    {
        var id = Id();
        var command = new Command(step.Name(), description) { id };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var path = $"/api/v1/cases/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/{step.Name()}?why={Uri.EscapeDataString(parsed.GetValue(why) ?? "")}";
            Print(parsed, json, await Ask(api, HttpMethod.Post, path, cancel));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<byte[]> Ask(ApiClient api, HttpMethod method, string path, CancellationToken cancel)
    {
        var answer = await api.SendAsync(method, path, null, cancel);
        return answer.IsGood ? answer.Body : throw new CommandFailedException(answer.Detail, answer.Status switch { 404 => ExitCode.NotFound, 400 => ExitCode.Usage, _ => ExitCode.Refused });
    }

    private static void List(TextWriter output, byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        Case[] cases = [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(CaseJson.Read)];
        if (cases.Length == 0)
        {
            output.WriteLine("No cases.");
            return;
        }
        output.WriteLine($"{"IDENTIFIER",-24} {"STATE",-9} {"HOST",-39} {"LAST SEEN (UTC)",-19} {"AGAIN",5} WHAT");
        foreach (var item in cases)
            output.WriteLine($"{item.Id,-24} {item.State.Name(),-9} {item.Host,-39} {Words.Moment(item.LastSeen)[..19],-19} {item.Reinfections,5} {string.Join(", ", item.Kinds.Select(k => k.Name()))}");
    }

    private static void Print(ParseResult parsed, Option<bool> json, byte[] answer)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json))
        {
            output.WriteLine(Encoding.UTF8.GetString(answer));
            return;
        }
        var item = CaseJson.Read(answer);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{item.Id}: {item.State.Name()}, {item.Host}, confidence {item.Confidence:0.##}{(item.Reinfections > 0 ? $", came back {item.Reinfections} times" : "")}"));
        foreach (var told in item.History)
            output.WriteLine($"  {Words.Moment(told.At)[..19]}  {Words.Printable(told.What)}  {Words.Printable(told.Who)}  {Words.Printable(told.Why)}");
    }

    private static Argument<string> Id()
    {
        var id = new Argument<string>("ID") { Description = "Identifier of the case." };
        id.RefuseOptions();
        return id;
    }
}
