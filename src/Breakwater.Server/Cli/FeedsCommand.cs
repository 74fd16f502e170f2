using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Server.Reports;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater feeds</c>: how the feeds do, who says what of an address or name, and what others say of ours.</summary>
internal static class FeedsCommand
{
    public static Command Create()
    {
        var url = ApiClient.Url();
        url.Recursive = true;
        var json = new Option<bool>("--json") { Description = "Print the API's JSON instead.", Recursive = true };
        var command = new Command("feeds", "Show what others know to be bad: the feeds and how they do.") { url, json };
        command.SetAction((parsed, cancel) => Print(parsed, url, json, "/api/v1/feeds", List, cancel));
        var what = new Argument<string>("WHAT") { Description = "An address or a domain name." };
        what.RefuseOptions();
        var known = new Command("known", "Who says what of an address or domain name.") { what };
        known.SetAction((parsed, cancel) => Print(parsed, url, json, $"/api/v1/feeds/known/{Uri.EscapeDataString(parsed.GetRequiredValue(what))}", Verdict, cancel));
        var ours = new Command("ours", "What others say of our own addresses.");
        ours.SetAction((parsed, cancel) => Print(parsed, url, json, "/api/v1/feeds/ours", Complaints, cancel));
        command.Add(known);
        command.Add(ours);
        return command;
    }

    private static async Task<int> Print(ParseResult parsed, Option<string> url, Option<bool> json, string path, Action<TextWriter, JsonElement> write, CancellationToken cancel)
    {
        using var api = new ApiClient(parsed.GetRequiredValue(url));
        var answer = await api.SendAsync(HttpMethod.Get, path, null, cancel);
        if (!answer.IsGood) throw new CommandFailedException(answer.Detail, answer.Status == 400 ? ExitCode.Usage : ExitCode.Unreachable);
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json))
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(answer.Body));
            return ExitCode.Ok;
        }
        using var document = JsonDocument.Parse(answer.Body);
        write(output, document.RootElement);
        return ExitCode.Ok;
    }

    private static void List(TextWriter output, JsonElement answer)
    {
        var feeds = answer.GetProperty("feeds").EnumerateArray().ToArray();
        if (feeds.Length == 0)
        {
            output.WriteLine("No feeds are configured (feeds.sources).");
            return;
        }
        output.WriteLine($"{"NAME",-24} {"FORMAT",-14} {"ENTRIES",9} {"SKIPPED",9} {"READ (UTC)",-19} PROBLEM");
        foreach (var feed in feeds)
            output.WriteLine($"{Text(feed, "name"),-24} {Text(feed, "format"),-14} {feed.GetProperty("entries"),9} {feed.GetProperty("skipped"),9} {Moment(Text(feed, "read")),-19} {Text(feed, "problem")}");
        output.WriteLine($"{answer.GetProperty("prefixes")} foreign addresses and networks, {answer.GetProperty("names")} names; {answer.GetProperty("refused")} entries refused.");
    }

    private static void Verdict(TextWriter output, JsonElement answer)
    {
        var claims = answer.GetProperty("claims").EnumerateArray().ToArray();
        if (claims.Length == 0)
        {
            output.WriteLine($"No feed speaks of {Text(answer, "what")}.");
            return;
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Text(answer, "what")}: score {answer.GetProperty("score").GetDouble():0.##}"));
        foreach (var claim in claims)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Text(claim, "feed"),-24} {Text(claim, "category"),-20} {claim.GetProperty("score").GetDouble():0.##}  until {Moment(Text(claim, "until"))}"));
    }

    private static void Complaints(TextWriter output, JsonElement answer)
    {
        var complaints = answer.GetProperty("complaints").EnumerateArray().ToArray();
        if (complaints.Length == 0) output.WriteLine("Nobody complains of our addresses.");
        foreach (var complaint in complaints)
            output.WriteLine($"{Text(complaint, "what"),-40} {string.Join(", ", complaint.GetProperty("claims").EnumerateArray().Select(c => $"{Text(c, "feed")} ({Text(c, "category")})").Distinct())}");
    }

    private static string Text(JsonElement json, string name) => Words.Printable(json.GetProperty(name).GetString() ?? "");

    private static string Moment(string time) => time.Length >= 19 ? time[..19].Replace('T', ' ') : "never";
}
