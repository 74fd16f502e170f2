using System.Text.Json;
using Breakwater.Server.Cli;

namespace Breakwater.Tests.Server.Cli;

public sealed class AnalyzeCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("breakwater-analyze-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_missing_file_a_folder_and_an_unknown_format_are_one_line_and_exit_3()
    {
        var text = Path.Combine(_folder, "notes.txt");
        File.WriteAllText(text, "no capture at all\n");
        foreach (var file in new[] { Path.Combine(_folder, "missing.pcap"), _folder, text })
        {
            var (exit, output, error) = await Run("analyze", file);
            Assert.Equal(ExitCode.Input, exit);
            Assert.Empty(output);
            Assert.StartsWith("breakwater: ", error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public async Task A_wrong_home_and_a_wrong_configuration_are_exit_2()
    {
        Assert.Equal(ExitCode.Usage, (await Run("analyze", "--home", "300.0.0.0/8", EmptyCapture())).Exit);
        Assert.Equal(ExitCode.Usage, (await Run("analyze", "--as", "mail", EmptyCapture())).Exit);
        var config = Path.Combine(_folder, "bad.yaml");
        File.WriteAllText(config, "hom: []\ndetection: {hold: 5}\n");
        var (exit, _, error) = await Run("analyze", "--config", config, EmptyCapture());
        Assert.Equal(ExitCode.Usage, exit);
        Assert.Equal(2, error.TrimEnd().Split('\n').Length);
        Assert.Contains("detection.hold: '5' is not a duration", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_exactly_one_document_even_of_an_empty_capture()
    {
        var (exit, output, _) = await Run("analyze", "--json", EmptyCapture());
        Assert.Equal(ExitCode.Ok, exit);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("breakwater.analysis/1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal(0, json.RootElement.GetProperty("incidents").GetArrayLength());
    }

    [Fact]
    public async Task Html_is_written_beside_the_report()
    {
        var page = Path.Combine(_folder, "report.html");
        var (exit, output, _) = await Run("analyze", "--html", page, EmptyCapture());
        Assert.Equal(ExitCode.Ok, exit);
        Assert.Contains("No incidents.", output, StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html>", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [SharedDataFact("captures")]
    public async Task An_attack_is_named_and_the_same_twice()
    {
        var capture = SharedData.Path("captures", "ddos-snmp-reflection.pcapng");
        var (exit, first, _) = await Run("analyze", "--json", capture);
        var (_, second, _) = await Run("analyze", "--json", capture);
        Assert.Equal(ExitCode.Ok, exit);
        Assert.Equal(first, second);
        using var json = JsonDocument.Parse(first);
        var incident = json.RootElement.GetProperty("incidents")[0];
        Assert.Equal("10.10.10.10", incident.GetProperty("target").GetString());
        Assert.Equal("snmp-amplification", incident.GetProperty("vectors")[0].GetString());
    }

    /// <summary>A pcap file header (draft-ietf-opsawg-pcap §4) and nothing after it.</summary>
    private string EmptyCapture()
    {
        var path = Path.Combine(_folder, "empty.pcap");
        File.WriteAllBytes(path, [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0]);
        return path;
    }

    private static async Task<(int Exit, string Output, string Error)> Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var exit = await BreakwaterCommand.RunAsync(args, output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
