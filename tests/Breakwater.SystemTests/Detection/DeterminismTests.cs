using System.Text.Json;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Detection;

/// <summary>The same traffic tells the same story, however it comes in.</summary>
public class DeterminismTests
{
    public static TheoryData<string> Files => [.. AttackCapture.All.Select(c => c.File)];

    [NeedsTheory(Needs.Captures), MemberData(nameof(Files))]
    public async Task The_same_capture_gives_the_same_document_byte_for_byte(string file)
    {
        var capture = AttackCapture.Named(file);

        var first = await Analyze(capture);
        var second = await Analyze(capture);

        Assert.Equal(first, second);
        Assert.Contains(Incidents(first), capture.IsToldBy);
    }

    [NeedsTheory(Needs.Captures), MemberData(nameof(Files))]
    public async Task A_replay_through_the_service_gives_the_incidents_of_the_analysis(string file)
    {
        var capture = AttackCapture.Named(file);
        var expected = Incidents(await Analyze(capture)).Select(Story).Order().ToArray();

        using var folder = new TemporaryFolder();
        using var service = await Service.Start(new ServiceSettings { Folder = folder, Home = [capture.Home] }, "--replay", capture.Path);

        string[] told = [];
        await Poll.Until("the replay tells the same incidents", async () =>
        {
            told = [.. (await service.Incidents()).Select(Story).Order()];
            return told.SequenceEqual(expected);
        }, TimeSpan.FromSeconds(60), () => $"analysis:\n{string.Join('\n', expected)}\nreplay:\n{string.Join('\n', told)}\n{service.Output}");
    }

    private static Task<string> Analyze(AttackCapture capture) =>
        Command.Run(Service.Breakwater("analyze", "--json", "--home", capture.Home, capture.Path));

    private static IncidentView[] Incidents(string document)
    {
        using var json = JsonDocument.Parse(document);
        return [.. json.RootElement.GetProperty("incidents").EnumerateArray().Select(i => new IncidentView(i.Clone()))];
    }

    private static string Story(IncidentView incident) =>
        $"{incident.Id} {incident.Kind} {incident.Target} {string.Join('+', incident.Vectors)}";
}
