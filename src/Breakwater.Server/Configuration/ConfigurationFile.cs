namespace Breakwater.Server.Configuration;

/// <summary>What a configuration file says, and everything that is wrong with it.</summary>
/// <param name="Options">Complete only when <paramref name="Problems"/> is empty.</param>
/// <param name="Problems">In the order of the file.</param>
public sealed record ConfigurationResult(BreakwaterOptions Options, IReadOnlyList<ConfigurationProblem> Problems)
{
    public bool IsGood => Problems.Count == 0;
}

/// <summary>Reads the configuration. <c>breakwater check</c>, <c>serve</c> and a reload go through here, so they agree.</summary>
public static class ConfigurationFile
{
    /// <param name="path">The file; null for the built-in defaults.</param>
    public static ConfigurationResult Load(string? path)
    {
        if (path is null) return new ConfigurationResult(new BreakwaterOptions(), []);
        try
        {
            using var reader = new StreamReader(path);
            // One character more than may be, so that the reader of the text can say it is too long; never a whole disk.
            var text = new char[YamlReader.MaxLength + 1];
            return Parse(new string(text, 0, reader.ReadBlock(text)));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new ConfigurationResult(new BreakwaterOptions(), [new ConfigurationProblem("", $"cannot be read: {unreadable.Message}", 0)]);
        }
    }

    /// <param name="text">The text of a file.</param>
    public static ConfigurationResult Parse(string text)
    {
        var problems = new ConfigurationProblems();
        var options = new BreakwaterOptions();
        var root = YamlReader.Read(text, problems);
        // After a mistake in the YAML itself there may be no tree: judging defaults would only confuse.
        if (root is not null || problems.Count == 0) new OptionsBinder(problems).Bind(root, options, "");
        return new ConfigurationResult(options, problems.All);
    }
}
