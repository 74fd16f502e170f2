using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Storage;

/// <summary>Brings a database to the newest schema, one step after the other. The step reached is SQLite's <c>user_version</c>.</summary>
internal static class SchemaMigrator
{
    /// <summary>"BRKW", at octet 68 of the file: tells our database from another program's.</summary>
    public const int ApplicationId = 0x42524B57;

    /// <param name="file">For messages.</param>
    /// <param name="steps">SQL that leads from version n to n + 1, for n from 0. Published steps never change.</param>
    /// <exception cref="StoreException">The database is another program's, or of a newer version than <paramref name="steps"/> reach.</exception>
    public static void Migrate(SqliteConnection connection, string file, IReadOnlyList<string> steps)
    {
        var version = Number(connection, "PRAGMA user_version");
        var application = Number(connection, "PRAGMA application_id");
        if (version > 0 && application != ApplicationId) throw new StoreException($"{file} belongs to another program");
        if (version > steps.Count)
            throw new StoreException(
                $"{file} has schema {version}, this program knows up to {steps.Count}: use the newer Breakwater that wrote it, or another folder");
        for (; version < steps.Count; version++)
        {
            using var transaction = connection.BeginTransaction();
            Run(connection, steps[(int)version]);
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}; PRAGMA application_id = {ApplicationId}"));
            transaction.Commit();
        }
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
