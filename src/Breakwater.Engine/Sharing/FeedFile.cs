using System.Globalization;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Engine.Sharing;

/// <summary>What a feed said last, in a file, so that a restart neither forgets it nor has to ask again.</summary>
/// <remarks>First line: nanoseconds of the reading. Then a line for each entry: address or name, port, category, seen, until, confidence, separated by tabs.</remarks>
internal sealed class FeedFile(string path)
{
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(Timestamp read, IReadOnlyList<FeedEntry> entries)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        using (var file = new StreamWriter(temporary, append: false, new UTF8Encoding(false)))
        {
            file.WriteLine(Number(read.Nanoseconds));
            foreach (var entry in entries)
                file.WriteLine(string.Join('\t', entry.Prefix?.ToString() ?? entry.Name, Number(entry.Port), entry.Category.Name(), Number(entry.Seen?.Nanoseconds), Number(entry.Until?.Nanoseconds), entry.Confidence.ToString(CultureInfo.InvariantCulture)));
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>False where there is no file, or none that can be used.</summary>
    public bool TryRead(int capacity, out Timestamp read, out IReadOnlyList<FeedEntry> entries)
    {
        (read, entries) = (default, []);
        try
        {
            if (!File.Exists(path)) return false;
            using var file = new StreamReader(path);
            if (!long.TryParse(file.ReadLine(), CultureInfo.InvariantCulture, out var moment)) return false;
            var found = new List<FeedEntry>();
            while (found.Count < capacity && file.ReadLine() is { } line)
                if (TryRead(line.Split('\t'), out var entry)) found.Add(entry);
            (read, entries) = (new Timestamp(moment), found);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool TryRead(string[] fields, out FeedEntry entry)
    {
        entry = default;
        if (fields.Length != 6 || !FeedCategoryNames.TryParse(fields[2], out var category) || !FeedEntry.TryParse(fields[0], category, out entry)) return false;
        if (!ushort.TryParse(fields[1], CultureInfo.InvariantCulture, out var port) || !float.TryParse(fields[5], CultureInfo.InvariantCulture, out var confidence)) return false;
        entry = entry with { Port = port, Seen = Moment(fields[3]), Until = Moment(fields[4]), Confidence = Math.Clamp(confidence, 0, 1) };
        return true;
    }

    private static Timestamp? Moment(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var nanoseconds) ? new Timestamp(nanoseconds) : null;

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
