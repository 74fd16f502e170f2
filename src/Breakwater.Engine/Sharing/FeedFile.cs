using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Engine.Sharing;

/// <summary>What a feed said last.</summary>
/// <param name="Read">When it was read.</param>
/// <param name="Whole">When it was last read as a whole.</param>
/// <param name="Cursor">Where to go on; empty for none.</param>
/// <param name="Entries">What it said.</param>
internal sealed record FeedReading(Timestamp Read, Timestamp Whole, string Cursor, IReadOnlyList<FeedEntry> Entries);

/// <summary>The last reading of a feed in a file, so that a restart neither forgets it nor has to ask again.</summary>
/// <remarks>
/// First line: nanoseconds of the reading, what was read (a hash of the format and the address), nanoseconds of the last reading as a whole, and the cursor. Then a line
/// for each entry: address or name, port, category, seen, until, confidence, reference. Fields are separated by tabs.
/// </remarks>
internal sealed class FeedFile(string path, FeedOptions options)
{
    private const int Fields = 7;

    private readonly string _source = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Format}\n{options.Url}\n{options.File}"))[..8]);

    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(FeedReading reading)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        using (var file = new StreamWriter(temporary, append: false, new UTF8Encoding(false)))
        {
            file.WriteLine(string.Join('\t', Number(reading.Read.Nanoseconds), _source, Number(reading.Whole.Nanoseconds), reading.Cursor));
            foreach (var entry in reading.Entries)
            {
                file.WriteLine(string.Join(
                    '\t', entry.Prefix?.ToString() ?? entry.Name, Number(entry.Port), entry.Category.Name(), Number(entry.Seen?.Nanoseconds), Number(entry.Until?.Nanoseconds),
                    entry.Confidence.ToString(CultureInfo.InvariantCulture), entry.Reference));
            }
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Null where there is no file, none that can be used, or one of another source under the same name.</summary>
    public FeedReading? Read(int capacity)
    {
        try
        {
            if (!File.Exists(path)) return null;
            using var file = new StreamReader(path);
            if (file.ReadLine()?.Split('\t') is not [var read, var source, var whole, var cursor] || source != _source || Moment(read) is not { } moment || Moment(whole) is not { } last) return null;
            var found = new List<FeedEntry>();
            while (found.Count < capacity && file.ReadLine() is { } line)
                if (TryRead(line.Split('\t'), out var entry)) found.Add(entry);
            return new FeedReading(moment, last, cursor, found);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool TryRead(string[] fields, out FeedEntry entry)
    {
        entry = default;
        if (fields.Length != Fields || !FeedCategoryNames.TryParse(fields[2], out var category) || !FeedEntry.TryParse(fields[0], category, out entry)) return false;
        if (!ushort.TryParse(fields[1], CultureInfo.InvariantCulture, out var port) || !float.TryParse(fields[5], CultureInfo.InvariantCulture, out var confidence)) return false;
        entry = entry with { Port = port, Seen = Moment(fields[3]), Until = Moment(fields[4]), Confidence = Math.Clamp(confidence, 0, 1), Reference = fields[6].Length > 0 ? fields[6] : null };
        return true;
    }

    private static Timestamp? Moment(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var nanoseconds) ? new Timestamp(nanoseconds) : null;

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
