using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Breakwater.Server.Api;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Cli;

/// <summary><c>breakwater token new</c>: makes a token for the HTTP API. Nothing is stored: the hash goes into the configuration by the operator's hand.</summary>
internal static class TokenCommand
{
    // A name may be any text; quoted as JSON it is good YAML, and what people call their tokens stays readable.
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create() => new("token", "Tokens for the HTTP API.") { New() };

    private static Command New()
    {
        var name = new Argument<string>("NAME") { Description = "Whose token it is; shown in logs." };
        name.RefuseOptions();
        var role = new Option<string>("--role") { Description = $"What it allows: {ScalarValues.Kind(typeof(ApiRole))["one of ".Length..]}; each may do what the ones before it may.", HelpName = "ROLE", DefaultValueFactory = _ => "viewer" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("new", "Make a token. It is shown once and kept nowhere; the configuration gets its hash.") { name, role, json };
        command.SetAction(parsed =>
        {
            if (ScalarValues.Read(typeof(ApiRole), parsed.GetRequiredValue(role), out var allowed) is { } wrong) throw new CommandFailedException($"--role: {wrong}", ExitCode.Usage);
            var (secret, hash) = ApiToken.Generate();
            var token = new ApiToken { Name = parsed.GetRequiredValue(name), Role = (ApiRole)allowed!, Sha256 = hash };
            if (token.Name.Length is 0 or > 64 || token.Name.Any(char.IsControl)) throw new CommandFailedException("a name has 1 to 64 characters, none of them a control character", ExitCode.Usage);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(new { token.Name, Role = KeyNames.KebabCase(token.Role.ToString()), Token = secret, token.Sha256 }, Json));
            else Write(output, token, secret);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(TextWriter output, ApiToken token, string secret)
    {
        output.WriteLine(
            $$"""
            Token, shown this once (send it as 'Authorization: Bearer TOKEN'):

            {{secret}}

            For the configuration file:

            api:
              tokens:
                - {name: {{JsonSerializer.Serialize(token.Name, Json)}}, role: {{KeyNames.KebabCase(token.Role.ToString())}}, sha256: {{token.Sha256}}}
            """);
    }
}
