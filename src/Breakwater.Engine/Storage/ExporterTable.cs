using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Flows;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Storage;

/// <summary>Table <c>exporters</c>, bounded: whoever can send us datagrams can invent exporters.</summary>
internal static class ExporterTable
{
    /// <summary>Exporters kept, those last seen first.</summary>
    public const int MaxExporters = 4096;

    public static void Save(SqliteConnection connection, IReadOnlyList<ExporterRecord> exporters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO exporters VALUES ($address, $lastSeen, $document)
            ON CONFLICT (address) DO UPDATE SET last_seen = $lastSeen, document = $document
            """;
        var address = command.Parameters.Add("$address", SqliteType.Text);
        var lastSeen = command.Parameters.Add("$lastSeen", SqliteType.Integer);
        var document = command.Parameters.Add("$document", SqliteType.Blob);
        foreach (var exporter in exporters)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer)) ExporterJson.Write(json, exporter);
            address.Value = exporter.Address;
            lastSeen.Value = exporter.LastSeen.Nanoseconds;
            document.Value = buffer.WrittenSpan.ToArray();
            command.ExecuteNonQuery();
        }
        using var trim = connection.CreateCommand();
        trim.CommandText = "DELETE FROM exporters WHERE address IN (SELECT address FROM exporters ORDER BY last_seen DESC LIMIT -1 OFFSET $kept)";
        trim.Parameters.AddWithValue("$kept", MaxExporters);
        trim.ExecuteNonQuery();
    }

    /// <summary>Last seen first.</summary>
    public static IReadOnlyList<ExporterRecord> Find(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT document FROM exporters ORDER BY last_seen DESC, address";
        var found = new List<ExporterRecord>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) found.Add(ExporterJson.Read((byte[])reader[0]));
        return found;
    }

    public static void Expire(SqliteConnection connection, Timestamp before)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM exporters WHERE last_seen < $before";
        command.Parameters.AddWithValue("$before", before.Nanoseconds);
        command.ExecuteNonQuery();
    }
}
