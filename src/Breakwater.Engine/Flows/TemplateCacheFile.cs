using System.Text;

namespace Breakwater.Engine.Flows;

/// <summary>The file in which decoders' templates outlive a restart. Written whole, beside, and then renamed: a crash leaves the old one.</summary>
/// <remarks>
/// "BWTF", version 1, then entries to the end: key (length-prefixed UTF-8), length (4 octets, little-endian) and what
/// <c>ITemplateMemory.Export</c> wrote. Damage ends the reading; entries before it count.
/// </remarks>
/// <param name="path">Its folder must exist.</param>
public sealed class TemplateCacheFile(string path)
{
    /// <summary>A larger file is none of ours.</summary>
    private const long LongestFile = 256L * 1024 * 1024;

    private static readonly byte[] Header = [.. "BWTF"u8, 1];
    private byte[] _written = [];

    public string Path => path;

    /// <exception cref="IOException">It cannot be written; the old file stays.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Save(IEnumerable<KeyValuePair<string, byte[]>> entries)
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content, Encoding.UTF8);
        writer.Write(Header);
        foreach (var (key, memory) in entries)
        {
            writer.Write(key);
            writer.Write(memory.Length);
            writer.Write(memory);
        }
        var bytes = content.ToArray();
        // Templates seldom change: most minutes nothing is to be written.
        if (bytes.AsSpan().SequenceEqual(_written)) return;
        var beside = path + ".new";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        _written = bytes;
    }

    /// <summary>What was saved, as far as it can be read; empty when there is no file.</summary>
    public IReadOnlyDictionary<string, byte[]> Load()
    {
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > LongestFile) return entries;
            using var content = new MemoryStream(File.ReadAllBytes(path));
            using var reader = new BinaryReader(content, Encoding.UTF8);
            if (!reader.ReadBytes(Header.Length).AsSpan().SequenceEqual(Header)) return entries;
            while (content.Position < content.Length)
            {
                var key = reader.ReadString();
                var length = reader.ReadInt32();
                if (length < 0 || length > content.Length - content.Position) break;
                entries[key] = reader.ReadBytes(length);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            // Templates come again from the exporters, only later.
        }
        return entries;
    }
}
