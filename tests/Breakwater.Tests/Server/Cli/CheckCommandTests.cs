using System.Text.Json;
using Breakwater.Server.Cli;

namespace Breakwater.Tests.Server.Cli;

public sealed class CheckCommandTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"breakwater-{Guid.NewGuid():N}.yaml");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Prints_every_mistake_with_its_path_and_exits_with_2()
    {
        File.WriteAllText(_file, "home: [10.0.0.1/8]\napi: {listen: 80}\nhom: x\n");
        var (exit, output) = await Run("check", _file);
        Assert.Equal(ExitCode.Usage, exit);
        Assert.Equal(
            $"""
            home[0]: '10.0.0.1/8' has bits set beyond its length; was 10.0.0.0/8 meant? (line 1)
            api.listen: '80' is not an address and port such as 127.0.0.1:2055 or [::1]:2055 (line 2)
            hom: no such key; was 'home' meant? (line 3)
            {_file}: 3 mistakes

            """, output);
    }

    [Fact]
    public async Task A_good_file_is_ok()
    {
        File.WriteAllText(_file, "home: [192.0.2.0/24]\n");
        var (exit, output) = await Run("check", _file);
        Assert.Equal(ExitCode.Ok, exit);
        Assert.Equal($"{_file}: OK\n", output);
    }

    [Fact]
    public async Task Json_is_one_document()
    {
        File.WriteAllText(_file, "home: 5\n");
        var (exit, output) = await Run("check", "--json", _file);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(ExitCode.Usage, exit);
        Assert.False(json.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal("home", json.RootElement.GetProperty("problems")[0].GetProperty("path").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("problems")[0].GetProperty("line").GetInt32());
    }

    [Theory]
    [InlineData("/nonexistent/breakwater.yaml")]
    [InlineData("/")]
    public async Task A_file_that_cannot_be_read_is_a_mistake_too(string file)
    {
        var (exit, output) = await Run("check", file);
        Assert.Equal(ExitCode.Usage, exit);
        Assert.StartsWith("cannot be read: ", output, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output)> Run(params string[] args)
    {
        var output = new StringWriter();
        var exit = await BreakwaterCommand.RunAsync(args, output, TextWriter.Null);
        return (exit, output.ToString());
    }
}
