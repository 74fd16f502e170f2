using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Cases;
using Breakwater.Engine.Sharing;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Json;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Cases;

/// <summary>Cases on disk, in the file that sharing keeps its objects in. The file is made with the first case.</summary>
public sealed class CaseStore(string file) : IDisposable
{
    private SqliteConnection? _connection;

    /// <exception cref="StoreException">The file cannot be used.</exception>
    public IReadOnlyList<Case> All() => !File.Exists(file) ? [] : Guarded(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT document FROM cases ORDER BY opened";
        var found = new List<Case>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) found.Add(CaseJson.Read((byte[])reader[0]));
        return found;
    });

    /// <exception cref="StoreException">The file cannot be used.</exception>
    public void Save(IReadOnlyList<Case> cases, IReadOnlyList<string> forgotten)
    {
        if (cases.Count == 0 && forgotten.Count == 0) return;
        Guarded(connection =>
        {
            using var transaction = connection.BeginTransaction();
            foreach (var item in cases) Save(connection, item);
            foreach (var id in forgotten)
            {
                using var command = connection.CreateCommand();
                command.CommandText = "DELETE FROM cases WHERE id = $id";
                command.Parameters.AddWithValue("$id", id);
                command.ExecuteNonQuery();
            }
            transaction.Commit();
            return true;
        });
    }

    public void Dispose() => _connection?.Dispose();

    private static void Save(SqliteConnection connection, Case item)
    {
        var document = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(document)) CaseJson.Write(json, item);
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO cases VALUES ($id, $opened, $document) ON CONFLICT (id) DO UPDATE SET document = $document";
        command.Parameters.AddWithValue("$id", item.Id);
        command.Parameters.AddWithValue("$opened", item.Opened.Nanoseconds);
        command.Parameters.AddWithValue("$document", document.WrittenSpan.ToArray());
        command.ExecuteNonQuery();
    }

    private T Guarded<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            return work(_connection ??= SharingSchema.Open(file));
        }
        catch (SqliteException problem)
        {
            throw StoreException.From(file, problem);
        }
        catch (FormatException problem)
        {
            throw new StoreException($"{file} holds a case that cannot be read: {problem.Message}", problem);
        }
    }
}
