using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Storage;

/// <summary>The store could not do what was asked: the disk is full, the file is damaged or of a newer version. The message names the file.</summary>
public sealed class StoreException(string message, Exception? cause = null) : Exception(message, cause)
{
    // https://sqlite.org/rescode.html
    private const int Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    internal static StoreException From(string file, SqliteException problem) => new(problem.SqliteErrorCode switch
    {
        Corrupt or NotADatabase =>
            $"{file} is damaged or not a database ({problem.Message}). Restore it from a backup, or move it away to start with an empty one",
        Full => $"{file} cannot grow: the disk is full",
        CannotOpen => $"{file} cannot be opened: check that its folder exists and may be written to",
        _ => $"{file}: {problem.Message}",
    }, problem);
}
