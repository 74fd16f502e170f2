using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.Json;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater mitigations</c>: what is done about attacks, from a running service; approve, type, edit, take back.</summary>
internal static class MitigationsCommand
{
    public static Command Create()
    {
        var url = ApiClient.Url();
        url.Recursive = true;
        var json = new Option<bool>("--json") { Description = "Print the API's JSON instead.", Recursive = true };
        var why = new Option<string?>("--why") { Description = "Why, for the audit log.", HelpName = "TEXT", Recursive = true };
        var command = new Command("mitigations", "List what is done about attacks, approve or type mitigations, take them back.") { url, json, why };
        var limit = new Option<int>("--limit") { Description = "How many are listed, 1 to 500.", HelpName = "N", DefaultValueFactory = _ => 50 };
        var state = new Option<string?>("--state") { Description = "Only those in this state.", HelpName = "STATE" };
        command.Add(limit);
        command.Add(state);
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/mitigations?limit={parsed.GetValue(limit)}");
            if (parsed.GetValue(state) is { } only) path += $"&state={Uri.EscapeDataString(only)}";
            var answer = await api.GetAsync(path, cancel);
            if (parsed.GetValue(json)) await parsed.InvocationConfiguration.Output.WriteLineAsync(Encoding.UTF8.GetString(answer));
            else MitigationText.List(parsed.InvocationConfiguration.Output, answer);
            return ExitCode.Ok;
        });
        command.Add(Show(url, json));
        command.Add(Add(url, json, why));
        command.Add(Edit(url, json, why));
        command.Add(Step("approve", "Approve a proposal.", url, json, why));
        command.Add(Step("reject", "Say no to a proposal.", url, json, why));
        command.Add(Step("withdraw", "Take one back.", url, json, why));
        command.Add(WithdrawAll(url, why));
        command.Add(Resume(url));
        command.Add(SimulateCommand.Create(url, json));
        return command;
    }

    private static Command Show(Option<string> url, Option<bool> json)
    {
        var id = Id();
        var command = new Command("show", "One mitigation, and where it is held.") { id };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            Print(parsed, json, await api.GetAsync($"/api/v1/mitigations/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}", cancel));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Add(Option<string> url, Option<bool> json, Option<string?> why)
    {
        var rule = new RuleArguments();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what the guard rails would; nothing is done." };
        var command = new Command("add", "Type a mitigation of one's own.") { dryRun };
        rule.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var request = rule.Read(parsed, parsed.GetValue(why));
            if (parsed.GetValue(dryRun))
            {
                var verdict = await api.SendAsync(HttpMethod.Post, "/api/v1/mitigations/dry-run", request, cancel);
                if (parsed.GetValue(json)) await parsed.InvocationConfiguration.Output.WriteLineAsync(Encoding.UTF8.GetString(verdict.Body));
                else MitigationText.Verdict(parsed.InvocationConfiguration.Output, verdict.Body);
                return ExitCode.Ok;
            }
            return Said(parsed, json, await api.SendAsync(HttpMethod.Post, "/api/v1/mitigations", request, cancel));
        });
        return command;
    }

    private static Command Edit(Option<string> url, Option<bool> json, Option<string?> why)
    {
        var id = Id();
        var rule = new RuleArguments();
        var command = new Command("edit", "Give a mitigation another rule, action, rate or time, within the guard rails.") { id };
        rule.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var path = $"/api/v1/mitigations/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}";
            return Said(parsed, json, await api.SendAsync(HttpMethod.Patch, path, rule.Read(parsed, parsed.GetValue(why)), cancel));
        });
        return command;
    }

    private static Command Step(string verb, string description, Option<string> url, Option<bool> json, Option<string?> why)
    {
        var id = Id();
        var command = new Command(verb, description) { id };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var path = $"/api/v1/mitigations/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/{verb}?why={Uri.EscapeDataString(parsed.GetValue(why) ?? "")}";
            return Said(parsed, json, await api.SendAsync(HttpMethod.Post, path, null, cancel));
        });
        return command;
    }

    private static Command WithdrawAll(Option<string> url, Option<string?> why)
    {
        var config = ConfigurationArgument.Create();
        var command = new Command("withdraw-all", "Take everything back at once, and pause. Asks the API, and where that does not answer the control socket in the data folder.") { config };
        command.SetAction(async (parsed, cancel) =>
        {
            var reason = parsed.GetValue(why) ?? "no reason given";
            var output = parsed.InvocationConfiguration.Output;
            string problem;
            try
            {
                using var api = new ApiClient(parsed.GetRequiredValue(url));
                var answer = await api.SendAsync(HttpMethod.Post, "/api/v1/mitigations/withdraw-all?why=" + Uri.EscapeDataString(reason), null, cancel);
                if (answer.IsGood)
                {
                    using var document = JsonDocument.Parse(answer.Body);
                    await output.WriteLineAsync($"Withdrawn: {document.RootElement.GetProperty("withdrawn").GetInt32()}. Nothing begins by itself until `breakwater mitigations resume`.");
                    return ExitCode.Ok;
                }
                problem = answer.Detail;
            }
            catch (CommandFailedException unreachable)
            {
                problem = unreachable.Message;
            }
            var folder = ConfigurationArgument.Load(parsed.GetValue(config)).Storage.Path;
            try
            {
                var answer = await ControlSocket.WithdrawAllAsync(folder, Environment.UserName, reason, cancel);
                if (!answer.StartsWith("ok", StringComparison.Ordinal)) throw new CommandFailedException([problem, answer], ExitCode.Failure);
                await output.WriteLineAsync($"Withdrawn over the control socket: {answer[2..].Trim()}. Nothing begins by itself until `breakwater mitigations resume`.");
                return ExitCode.Ok;
            }
            catch (SocketException nobody)
            {
                throw new CommandFailedException([problem, $"{ControlSocket.PathIn(folder)}: {nobody.Message} (--config names another data folder)"], ExitCode.Unreachable);
            }
        });
        return command;
    }

    private static Command Resume(Option<string> url)
    {
        var command = new Command("resume", "Let mitigations begin by themselves again after withdraw-all.");
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var answer = await api.SendAsync(HttpMethod.Post, "/api/v1/mitigations/resume", null, cancel);
            if (!answer.IsGood) throw new CommandFailedException(answer.Detail, ExitCode.Failure);
            await parsed.InvocationConfiguration.Output.WriteLineAsync("Mitigations begin by themselves again, as the modes allow.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> Id()
    {
        var id = new Argument<string>("ID") { Description = "Identifier of the mitigation." };
        id.RefuseOptions();
        return id;
    }

    /// <summary>The mitigation as it came of it; a guard rail's no is an error of its own.</summary>
    private static int Said(ParseResult parsed, Option<bool> json, ApiAnswer answer)
    {
        if (!answer.HasMitigation) throw new CommandFailedException(answer.Detail, answer.Status == 404 ? ExitCode.NotFound : ExitCode.Refused);
        Print(parsed, json, answer.Body);
        var mitigation = MitigationLifeJson.Read(answer.Body);
        return mitigation.State is MitigationState.Refused or MitigationState.Failed && !answer.IsGood ? ExitCode.Refused : ExitCode.Ok;
    }

    private static void Print(ParseResult parsed, Option<bool> json, byte[] answer)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json)) output.WriteLine(Encoding.UTF8.GetString(answer));
        else MitigationText.One(output, answer);
    }
}
