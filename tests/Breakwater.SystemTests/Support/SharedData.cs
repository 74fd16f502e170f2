namespace Breakwater.SystemTests.Support;

/// <summary>Captured traffic beside the project: real attacks, not part of the repository.</summary>
internal static class SharedData
{
    /// <summary>Folder that holds Breakwater.slnx.</summary>
    public static string ProjectRoot { get; } = FindProject();

    public static string Path(params string[] parts) => System.IO.Path.Combine([ProjectRoot, "..", "shared", "data", .. parts]);

    public static bool Has(string folder) => Directory.Exists(Path(folder));

    private static string FindProject()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Breakwater.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException("no Breakwater.slnx above " + AppContext.BaseDirectory);
    }
}
