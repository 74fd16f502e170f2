namespace Breakwater.Fuzz.Corpus;

/// <summary>Captured inputs, when they lie beside the project; the fuzzer works without them.</summary>
public static class SharedData
{
    /// <summary>Folder of the captured data; null when it is not on this machine.</summary>
    public static string? Root { get; } = Find();

    /// <summary>Whole files under a folder whose names end in one of the suffixes, in order of name; larger ones than <paramref name="limit"/> octets are left out.</summary>
    public static IEnumerable<byte[]> Files(string folder, int limit, params string[] suffixes) =>
        Paths(folder, suffixes).Where(file => new FileInfo(file).Length <= limit).Select(File.ReadAllBytes);

    /// <summary>The first lines of text files, about <paramref name="limit"/> octets of each.</summary>
    public static IEnumerable<byte[]> Lines(string folder, int limit, params string[] suffixes)
    {
        foreach (var file in Paths(folder, suffixes))
        {
            using var stream = File.OpenRead(file);
            var head = new byte[(int)Math.Min(limit, stream.Length)];
            stream.ReadExactly(head);
            yield return head[..(head.AsSpan().LastIndexOf((byte)'\n') + 1)];
        }
    }

    private static IEnumerable<string> Paths(string folder, string[] suffixes) =>
        Root is null || !Directory.Exists(Path.Combine(Root, folder)) ? []
        : Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => suffixes.Any(s => file.EndsWith(s, StringComparison.Ordinal))).Order(StringComparer.Ordinal);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Breakwater.slnx"))) continue;
            var data = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data"));
            return Directory.Exists(data) ? data : null;
        }
        return null;
    }
}
