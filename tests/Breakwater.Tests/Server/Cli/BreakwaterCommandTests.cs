using Breakwater.Server.Cli;

namespace Breakwater.Tests.Server.Cli;

public class BreakwaterCommandTests
{
    [Theory]
    [InlineData("", "breakwater: a command is missing: ")]
    [InlineData("chek", "breakwater: no such command: 'chek'; was 'check' meant?")]
    [InlineData("frobnicate", "breakwater: no such command: 'frobnicate'")]
    [InlineData("check --jsn", "breakwater: no such option: '--jsn'")]
    [InlineData("incidents --limit 0", "breakwater: --limit goes from 1 to 500")]
    [InlineData("top --url nowhere", "breakwater: --url: 'nowhere' is not an address")]
    [InlineData("serve --simulate --replay x", "breakwater: --simulate and --replay exclude each other")]
    [InlineData("mitigations add --orgin x", "breakwater: no such option: '--orgin'")]
    [InlineData("mitigations add --form x", "breakwater: no such option: '--form'; was '--from' meant?")]
    [InlineData("mitigations aprove x", "breakwater: no such command: 'aprove'; was 'approve' meant?")]
    [InlineData("check a b", "breakwater: no such argument: 'b'")]
    [InlineData("share x --format fax", "breakwater: Argument 'fax' not recognized.")]
    public async Task A_wrong_command_line_is_a_line_on_standard_error_and_exit_2(string line, string expected)
    {
        var (exit, output, error) = await Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(ExitCode.Usage, exit);
        Assert.Empty(output);
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chek", "breakwater")]
    [InlineData("mitigations add --orgin x", "breakwater mitigations add")]
    public async Task A_wrong_command_line_says_whose_help_tells_more(string line, string command) =>
        Assert.EndsWith($"Try '{command} --help'.", (await Run(line.Split(' '))).Error.TrimEnd(), StringComparison.Ordinal);

    [Theory]
    [InlineData("top --once")]
    [InlineData("incidents")]
    [InlineData("incidents some-id")]
    [InlineData("cases")]
    [InlineData("cases notice some-id")]
    [InlineData("feeds known 192.0.2.1")]
    [InlineData("share some-id")]
    public async Task A_service_that_does_not_answer_is_a_line_and_exit_4(string line)
    {
        // Port 1 (tcpmux) is closed everywhere.
        var (exit, output, error) = await Run([.. line.Split(' '), "--url", "http://127.0.0.1:1"]);
        Assert.Equal(ExitCode.Unreachable, exit);
        Assert.Empty(output);
        Assert.StartsWith("breakwater: no service at http://127.0.0.1:1", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_and_version_go_to_standard_output()
    {
        foreach (var line in new[] { "--help", "--version", "check --help" })
        {
            var (exit, output, error) = await Run(line.Split(' '));
            Assert.Equal(ExitCode.Ok, exit);
            Assert.NotEmpty(output);
            Assert.Empty(error);
        }
    }

    private static async Task<(int Exit, string Output, string Error)> Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var exit = await BreakwaterCommand.RunAsync(args, output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
