using Breakwater.Engine.Storage;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Sharing;

/// <summary>The file <c>sharing.db</c>: what others were told, and cases. Apart from the incidents, for it is written at another pace and may be thrown away alone.</summary>
internal static class SharingSchema
{
    /// <remarks>Times of arrival are microseconds since 1970: TAXII's resolution.</remarks>
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE objects (
            added INTEGER NOT NULL PRIMARY KEY,
            id TEXT NOT NULL,
            type TEXT NOT NULL,
            version TEXT NOT NULL,
            marking INTEGER NOT NULL,
            reference TEXT NOT NULL,
            content TEXT NOT NULL,
            latest INTEGER NOT NULL,
            first INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE UNIQUE INDEX objects_by_id ON objects (id, version);
        CREATE INDEX objects_by_latest ON objects (latest, added);
        CREATE INDEX objects_by_reference ON objects (reference);
        CREATE TABLE revoked (reference TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE cases (
            id TEXT NOT NULL PRIMARY KEY,
            opened INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        """,
    ];

    /// <summary>Opens the file for writing, and makes or migrates it.</summary>
    public static SqliteConnection Open(string file)
    {
        var connection = Connect(file);
        try
        {
            Run(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000");
            SchemaMigrator.Migrate(connection, file, Steps);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
