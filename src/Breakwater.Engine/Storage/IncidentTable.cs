using System.Buffers;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Storage;

/// <summary>Tables <c>incidents</c> and <c>evidence</c>: what is asked for is in columns, the whole story in a JSON document.</summary>
internal static class IncidentTable
{
    private const int MaxOpen = 10_000;

    private const string Columns = "start, last_seen, state, kind, severity, target_first, target_last, host, document";

    /// <param name="withEvidence">False leaves the evidence that is stored as it is.</param>
    public static void Save(SqliteConnection connection, Incident incident, bool withEvidence)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            INSERT INTO incidents (id, {Columns})
            VALUES ($id, $start, $lastSeen, $state, $kind, $severity, $targetFirst, $targetLast, $host, $document)
            ON CONFLICT (id) DO UPDATE SET ({Columns}) =
                ($start, $lastSeen, $state, $kind, $severity, $targetFirst, $targetLast, $host, $document)
            """;
        command.Parameters.AddWithValue("$id", incident.Id);
        command.Parameters.AddWithValue("$start", incident.Start.Nanoseconds);
        command.Parameters.AddWithValue("$lastSeen", incident.LastSeen.Nanoseconds);
        command.Parameters.AddWithValue("$state", incident.State.Name());
        command.Parameters.AddWithValue("$kind", incident.Kind.Name());
        command.Parameters.AddWithValue("$severity", (int)incident.Severity);
        command.Parameters.AddWithValue("$targetFirst", incident.Target is { } first ? Key(first.Address) : DBNull.Value);
        command.Parameters.AddWithValue("$targetLast", incident.Target is { } last ? Key(Last(last)) : DBNull.Value);
        command.Parameters.AddWithValue("$host", incident.Host is { } host ? Key(host) : DBNull.Value);
        command.Parameters.AddWithValue("$document", Document(json => IncidentJson.Write(json, incident, IncidentDetail.Summary)));
        command.ExecuteNonQuery();
        if (withEvidence) SaveEvidence(connection, incident);
    }

    private static void SaveEvidence(SqliteConnection connection, Incident incident)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO evidence VALUES ($id, $document) ON CONFLICT (incident) DO UPDATE SET document = $document";
        command.Parameters.AddWithValue("$id", incident.Id);
        command.Parameters.AddWithValue("$document", Document(json => EvidenceJson.Write(json, incident.Evidence)));
        command.ExecuteNonQuery();
    }

    /// <summary>Incidents not ended, with their evidence, newest first.</summary>
    public static IReadOnlyList<Incident> FindOpen(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT i.document, e.document FROM incidents i LEFT JOIN evidence e ON e.incident = i.id
            WHERE i.state IN ($open, $mitigated) ORDER BY i.start DESC, i.id LIMIT $limit
            """;
        command.Parameters.AddWithValue("$open", IncidentState.Open.Name());
        command.Parameters.AddWithValue("$mitigated", IncidentState.Mitigated.Name());
        command.Parameters.AddWithValue("$limit", MaxOpen);
        return Read(command);
    }

    public static Incident? Find(SqliteConnection connection, string id)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT i.document, e.document FROM incidents i LEFT JOIN evidence e ON e.incident = i.id WHERE i.id = $id";
        command.Parameters.AddWithValue("$id", id);
        return Read(command).SingleOrDefault();
    }

    /// <summary>One page, without evidence.</summary>
    public static IReadOnlyList<Incident> Find(SqliteConnection connection, IncidentQuery query)
    {
        using var command = connection.CreateCommand();
        var where = new StringBuilder("SELECT document FROM incidents WHERE 1");
        if (query.Kind is { } kind) Condition(" AND kind = $kind", "$kind", kind.Name());
        if (query.State is { } state) Condition(" AND state = $state", "$state", state.Name());
        if (query.AtLeast is { } severity) Condition(" AND severity >= $severity", "$severity", (int)severity);
        if (query.Target is { } target)
        {
            Condition(" AND ((target_first <= $last AND target_last >= $first)", "$first", Key(target.Address));
            Condition(" OR host BETWEEN $first AND $last)", "$last", Key(Last(target)));
        }
        if (query.Before is { } cursor)
        {
            Condition(" AND (start < $start OR (start = $start", "$start", cursor.Start.Nanoseconds);
            Condition(" AND id > $id))", "$id", cursor.Id);
        }
        Condition(" ORDER BY start DESC, id LIMIT $limit", "$limit", query.Limit);
        command.CommandText = where.ToString();
        return Read(command);

        void Condition(string sql, string name, object value)
        {
            where.Append(sql);
            command.Parameters.AddWithValue(name, value);
        }
    }

    /// <summary>Deletes some of the incidents that ended before a moment.</summary>
    /// <returns>False when none are left.</returns>
    public static bool Expire(SqliteConnection connection, long before, int atMost)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE state = $ended AND last_seen < $before LIMIT $atMost)
            """;
        command.Parameters.AddWithValue("$ended", IncidentState.Ended.Name());
        command.Parameters.AddWithValue("$before", before);
        command.Parameters.AddWithValue("$atMost", atMost);
        return command.ExecuteNonQuery() == atMost;
    }

    private static List<Incident> Read(SqliteCommand command)
    {
        var incidents = new List<Incident>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var incident = IncidentJson.Read((byte[])reader[0]);
            if (reader.FieldCount > 1 && !reader.IsDBNull(1)) incident = incident with { Evidence = EvidenceJson.Read((byte[])reader[1]) };
            incidents.Add(incident);
        }
        return incidents;
    }

    private static byte[] Document(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Key(IpAddr address)
    {
        var key = new byte[16];
        address.WriteTo(key);
        return key;
    }

    /// <summary>The last address of a prefix.</summary>
    private static IpAddr Last(Prefix prefix)
    {
        var free = prefix.Address.Bits - prefix.Length;
        var low = free >= 64 ? ulong.MaxValue : (1UL << free) - 1;
        var high = free <= 64 ? 0 : free == 128 ? ulong.MaxValue : (1UL << (free - 64)) - 1;
        return new IpAddr(prefix.Address.High | high, prefix.Address.Low | low);
    }
}
