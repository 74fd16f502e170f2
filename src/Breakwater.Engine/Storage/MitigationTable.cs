using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Json;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Storage;

/// <summary>Table <c>mitigations</c>: what is asked for is in columns, the whole life in a JSON document.</summary>
internal static class MitigationTable
{
    public static void Save(SqliteConnection connection, IReadOnlyList<Mitigation> mitigations)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO mitigations (id, created, state, incident, document) VALUES ($id, $created, $state, $incident, $document)
            ON CONFLICT (id) DO UPDATE SET (created, state, incident, document) = ($created, $state, $incident, $document)
            """;
        var id = command.Parameters.Add("$id", SqliteType.Text);
        var created = command.Parameters.Add("$created", SqliteType.Integer);
        var state = command.Parameters.Add("$state", SqliteType.Text);
        var incident = command.Parameters.Add("$incident", SqliteType.Text);
        var document = command.Parameters.Add("$document", SqliteType.Blob);
        foreach (var mitigation in mitigations)
        {
            id.Value = mitigation.Id;
            created.Value = mitigation.Created.Nanoseconds;
            state.Value = mitigation.State.Name();
            incident.Value = (object?)mitigation.IncidentId ?? DBNull.Value;
            document.Value = Document(mitigation);
            command.ExecuteNonQuery();
        }
    }

    public static Mitigation? Find(SqliteConnection connection, string id)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT document FROM mitigations WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        return Read(command).SingleOrDefault();
    }

    public static IReadOnlyList<Mitigation> Find(SqliteConnection connection, MitigationQuery query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT document FROM mitigations WHERE 1";
        if (query.State is { } state) Condition(" AND state = $state", "$state", state.Name());
        if (query.IncidentId is { } incident) Condition(" AND incident = $incident", "$incident", incident);
        if (query.Before is { } cursor)
        {
            Condition(" AND (created < $created OR (created = $created", "$created", cursor.Start.Nanoseconds);
            Condition(" AND id > $after))", "$after", cursor.Id);
        }
        Condition(" ORDER BY created DESC, id LIMIT $limit", "$limit", query.Limit);
        return Read(command);

        void Condition(string sql, string name, object value)
        {
            command.CommandText += sql;
            command.Parameters.AddWithValue(name, value);
        }
    }

    /// <summary>Deletes some of the mitigations made before a moment that are over.</summary>
    /// <returns>False when none are left.</returns>
    public static bool Expire(SqliteConnection connection, Timestamp before, int atMost)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            DELETE FROM mitigations WHERE id IN (SELECT id FROM mitigations WHERE created < $before AND state NOT IN ($proposed, $approved, $active) LIMIT $atMost)
            """;
        command.Parameters.AddWithValue("$before", before.Nanoseconds);
        command.Parameters.AddWithValue("$proposed", MitigationState.Proposed.Name());
        command.Parameters.AddWithValue("$approved", MitigationState.Approved.Name());
        command.Parameters.AddWithValue("$active", MitigationState.Active.Name());
        command.Parameters.AddWithValue("$atMost", atMost);
        return command.ExecuteNonQuery() == atMost;
    }

    private static List<Mitigation> Read(SqliteCommand command)
    {
        var mitigations = new List<Mitigation>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) mitigations.Add(MitigationLifeJson.Read((byte[])reader[0]));
        return mitigations;
    }

    private static byte[] Document(Mitigation mitigation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) MitigationLifeJson.Write(json, mitigation);
        return buffer.WrittenSpan.ToArray();
    }
}
