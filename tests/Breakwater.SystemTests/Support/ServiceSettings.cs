using System.Text;

namespace Breakwater.SystemTests.Support;

/// <summary>What differs between the services that tests start. The rest is the program's default.</summary>
internal sealed record ServiceSettings
{
    /// <summary>Configuration and data; the same folder again is a restart.</summary>
    public required TemporaryFolder Folder { get; init; }

    /// <summary>The operator's own prefixes.</summary>
    public string[] Home { get; init; } = [];

    /// <summary>Where flow records arrive; "address:port".</summary>
    public string[] Listen { get; init; } = [];

    /// <summary>Further sections, as YAML.</summary>
    public string More { get; init; } = "";

    /// <summary>The section on live capture, as YAML.</summary>
    public string Capture { get; init; } = "{ enabled: false }";

    /// <summary>The whole configuration, where it is not made of the rest.</summary>
    public string? Yaml { get; init; }

    public int HttpPort { get; } = FreePort.Tcp();

    public string ToYaml()
    {
        if (Yaml is not null) return Yaml;
        var yaml = new StringBuilder();
        yaml.AppendLine($"home: [{string.Join(", ", Home)}]");
        yaml.AppendLine($"flows: {{ listen: [{string.Join(", ", Listen.Select(l => $"\"{l}\""))}] }}");
        yaml.AppendLine($"capture: {Capture}");
        yaml.AppendLine($"api: {{ listen: \"127.0.0.1:{HttpPort}\" }}");
        yaml.AppendLine($"storage: {{ path: \"{Folder.File("data")}\" }}");
        yaml.Append(More);
        return yaml.ToString();
    }
}
