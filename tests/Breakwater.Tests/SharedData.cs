namespace Breakwater.Tests;

/// <summary>Captures and protocol vectors kept beside the repository, in <c>../shared/data</c>. Absent on most machines: such tests then show as skipped.</summary>
public static class SharedData
{
    /// <summary>The folder <c>shared/data</c>, or null when there is none.</summary>
    public static string? Root { get; } = Find();

    public static string Path(params string[] parts) =>
        System.IO.Path.Combine([Root ?? throw new InvalidOperationException("no shared data; mark the test with SharedDataFact"), .. parts]);

    public static bool Has(string folder) => Root is not null && Directory.Exists(System.IO.Path.Combine(Root, folder));

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(System.IO.Path.Combine(folder.FullName, "Breakwater.slnx"))) continue;
            var data = System.IO.Path.Combine(folder.FullName, "..", "shared", "data");
            return Directory.Exists(data) ? System.IO.Path.GetFullPath(data) : null;
        }
        return null;
    }
}

/// <summary>A fact that needs a folder of the shared data, and is shown as skipped without it.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string folder)
    {
        if (!SharedData.Has(folder)) Skip = $"../shared/data/{folder} is not on this machine";
    }
}

/// <summary>A theory that needs a folder of the shared data, and is shown as skipped without it.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute(string folder)
    {
        if (!SharedData.Has(folder)) Skip = $"../shared/data/{folder} is not on this machine";
    }
}
