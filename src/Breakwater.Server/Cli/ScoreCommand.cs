using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater score</c>: the score card of a running service.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var url = ApiClient.Url();
        var json = new Option<bool>("--json") { Description = "Print the API's JSON instead." };
        var command = new Command("score", "Show how far the network keeps from harming others: checks with their evidence, and what is not known.") { url, json };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(parsed.GetRequiredValue(url));
            var answer = await api.GetAsync("/api/v1/score", cancel);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(Encoding.UTF8.GetString(answer));
            else Write(output, answer);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <param name="answer">The API's.</param>
    internal static void Write(TextWriter output, byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var card = document.RootElement;
        var (passed, failed, unknown) = (card.GetProperty("passed").GetInt32(), card.GetProperty("failed").GetInt32(), card.GetProperty("unknown").GetInt32());
        var share = card.GetProperty("score").ValueKind == JsonValueKind.Number ? string.Create(CultureInfo.InvariantCulture, $"{100 * card.GetProperty("score").GetDouble():0} %") : "no";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Score {share} ({passed} of {passed + failed} known checks pass), coverage {100 * card.GetProperty("coverage").GetDouble():0} % ({passed + failed} of {passed + failed + unknown} checks are known)"));
        output.WriteLine($"From {Text(card, "from")} to {Text(card, "to")}");
        output.WriteLine();
        foreach (var check in card.GetProperty("checks").EnumerateArray())
        {
            output.WriteLine($"{Text(check, "verdict"),-8} {Text(check, "check"),-22} {Text(check, "title")}");
            output.WriteLine($"{"",-31} {Text(check, "because")} [{string.Join(", ", check.GetProperty("clauses").EnumerateArray().Select(c => c.GetString()))}]");
            foreach (var evidence in check.GetProperty("evidence").EnumerateArray()) output.WriteLine($"{"",-31} - {Text(evidence, "kind")} {Text(evidence, "id")}: {Text(evidence, "path")}");
        }
    }

    private static string Text(JsonElement element, string name) => Words.Printable(element.GetProperty(name).GetString()!);
}
