namespace Breakwater.Fuzz.Corpus;

/// <summary>Captured inputs, when they lie beside the project; the fuzzer works without them.</summary>
public static class SharedData
{
    /// <summary>Folder of the captured data; null when it is not on this machine.</summary>
    public static string? Root { get; } = Find();

    /// <summary>Files under a folder whose names end in one of the suffixes, in order of name; the first <paramref name="limit"/> octets of each.</summary>
    public static IEnumerable<byte[]> Files(string folder, int limit, params string[] suffixes)
    {
        if (Root is null || !Directory.Exists(Path.Combine(Root, folder))) yield break;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (!suffixes.Any(s => file.EndsWith(s, StringComparison.Ordinal))) continue;
            using var stream = File.OpenRead(file);
            var head = new byte[(int)Math.Min(limit, stream.Length)];
            stream.ReadExactly(head);
            yield return head;
        }
    }

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
