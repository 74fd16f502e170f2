using System.Text.Json;
using Breakwater.Server.Api;
using Breakwater.Server.Cli;
using Breakwater.Server.Configuration;

namespace Breakwater.Tests.Server.Cli;

public class TokenCommandTests
{
    [Theory]
    [InlineData("grafana", "viewer")]
    [InlineData("the night shift's: #1 \"phone\"", "operator")]
    [InlineData("Zoë", "admin")]
    public async Task What_it_prints_for_the_configuration_lets_the_token_in(string name, string role)
    {
        var (exit, output) = await Run("token", "new", name, "--role", role);

        Assert.Equal(ExitCode.Ok, exit);
        var configuration = ConfigurationFile.Parse(output[output.IndexOf("api:", StringComparison.Ordinal)..]);
        Assert.Empty(configuration.Problems);
        var token = Assert.Single(configuration.Options.Api.Tokens);
        Assert.Equal(name, token.Name);
        Assert.Equal(role, token.Role.ToString().ToLowerInvariant());
        var secret = output.Split('\n')[2];
        Assert.Equal(64, secret.Length);
        Assert.Equal(token.Sha256, Convert.ToHexStringLower(ApiToken.Hash(secret)));
    }

    [Fact]
    public async Task A_token_may_only_look_unless_told_otherwise()
    {
        var (_, output) = await Run("token", "new", "page", "--json");
        using var json = JsonDocument.Parse(output);
        Assert.Equal("viewer", json.RootElement.GetProperty("role").GetString());
        Assert.Equal(json.RootElement.GetProperty("sha256").GetString(), Convert.ToHexStringLower(ApiToken.Hash(json.RootElement.GetProperty("token").GetString()!)));
    }

    [Fact]
    public async Task No_two_tokens_are_alike() => Assert.NotEqual((await Run("token", "new", "a")).Output, (await Run("token", "new", "a")).Output);

    [Theory]
    [InlineData("token")]
    [InlineData("token", "new")]
    [InlineData("token", "new", "")]
    [InlineData("token", "new", "a\nb")]
    [InlineData("token", "new", "a", "--role", "root")]
    public async Task A_wrong_command_line_makes_no_token(params string[] line)
    {
        var (exit, output) = await Run(line);
        Assert.Equal(ExitCode.Usage, exit);
        Assert.Empty(output);
    }

    private static async Task<(int Exit, string Output)> Run(params string[] args)
    {
        var output = new StringWriter();
        var exit = await BreakwaterCommand.RunAsync(args, output, TextWriter.Null);
        return (exit, output.ToString());
    }
}
