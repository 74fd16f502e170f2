using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Taxii;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Sharing;

/// <summary>What others can fetch of one incident.</summary>
/// <param name="Reference">What they know it by.</param>
/// <param name="Versions">Versions of objects held.</param>
/// <param name="Last">When the last was added.</param>
/// <param name="Revoked">It was taken back.</param>
public sealed record ToldIncident(Guid Reference, long Versions, Timestamp Last, bool Revoked);

/// <summary>The STIX objects that others may fetch, every version of them, in the order in which they came. Thread-safe.</summary>
/// <remarks>
/// Each version is added at a moment of its own, later than all before it, and becomes visible in that order: one writer, one transaction at a time.
/// So "all after this moment" neither skips nor repeats, however many objects come meanwhile (TAXII 2.1 §3.5).
/// </remarks>
public sealed class SharedObjects : IDisposable
{
    private readonly Lock _writing = new();
    private readonly Lock _reading = new();
    private readonly SqliteConnection _writer;
    private readonly SqliteConnection _reader;
    private readonly string _file;
    private readonly TimeProvider _time;
    private long _lastAdded;

    /// <param name="file">The database file.</param>
    /// <param name="capacity">Versions kept; beyond, the oldest go.</param>
    /// <exception cref="StoreException">The file cannot be used.</exception>
    public SharedObjects(string file, int capacity, TimeProvider time)
    {
        (_file, Capacity, _time) = (file, capacity, time);
        SqliteConnection? writer = null;
        try
        {
            writer = SharingSchema.Open(file);
            _writer = writer;
            _reader = SharingSchema.Connect(file);
            _lastAdded = Number(_writer, "SELECT coalesce(max(added), 0) FROM objects");
        }
        catch (SqliteException problem)
        {
            writer?.Dispose();
            throw StoreException.From(file, problem);
        }
    }

    /// <summary>Versions kept; beyond, the oldest go with the next that is added.</summary>
    public int Capacity { get; set; }

    /// <summary>Adds what is new or changed; what is there already in the same form stays as it is.</summary>
    /// <param name="reference">The incident that it is told of.</param>
    /// <param name="marking">Who may see the objects that carry a marking.</param>
    /// <returns>Versions added.</returns>
    public int Add(Guid reference, Tlp marking, IReadOnlyList<JsonObject> objects) => Write(connection =>
    {
        using var transaction = connection.BeginTransaction();
        if (IsRevoked(connection, reference)) return 0;
        var added = objects.Count(item => Add(connection, reference.ToString(), item["object_marking_refs"] is null ? Tlp.Clear : marking, item));
        if (added > 0) Trim(connection);
        transaction.Commit();
        return added;
    });

    /// <summary>Takes back for good what was told of an incident: the same objects in a newer version, revoked.</summary>
    /// <returns>Versions added: 0 when nothing was told, or it was taken back before.</returns>
    /// <remarks>STIX 2.1 §3.6: what is revoked gets no newer version. Observables, identities and markings claim nothing and stay.</remarks>
    public int Revoke(Guid reference, Timestamp modified) => Write(connection =>
    {
        using var transaction = connection.BeginTransaction();
        if (IsRevoked(connection, reference)) return 0;
        var told = new List<(JsonObject Item, Tlp Marking)>();
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT document, marking FROM objects WHERE reference = $reference AND latest = 1 ORDER BY added";
            command.Parameters.AddWithValue("$reference", reference.ToString());
            using var reader = command.ExecuteReader();
            while (reader.Read()) told.Add((JsonNode.Parse((byte[])reader[0])!.AsObject(), (Tlp)reader.GetInt32(1)));
        }
        var added = 0;
        foreach (var (item, marking) in told.Where(t => t.Item["created_by_ref"] is not null))
        {
            var before = (string?)item["modified"] ?? "";
            var now = StixTime.Format(modified);
            // A version must be newer than the one before it, also when the clock says otherwise.
            item["modified"] = string.CompareOrdinal(now, before) > 0 ? now : Later(before);
            item["revoked"] = true;
            if (Add(connection, reference.ToString(), marking, item)) added++;
        }
        using (var mark = connection.CreateCommand())
        {
            mark.CommandText = "INSERT OR IGNORE INTO revoked VALUES ($reference)";
            mark.Parameters.AddWithValue("$reference", reference.ToString());
            mark.ExecuteNonQuery();
        }
        transaction.Commit();
        return added;
    });

    /// <summary>One page of what a client asks for and may see, oldest first.</summary>
    /// <param name="limit">Objects on the page at most.</param>
    /// <param name="clearance">The strictest marking that the client may see.</param>
    public (IReadOnlyList<TaxiiObject> Objects, bool More) Find(TaxiiQuery query, int limit, Tlp clearance)
    {
        if (!query.Stix21) return ([], false);
        return Read(connection =>
        {
            using var command = connection.CreateCommand();
            var where = new StringBuilder("SELECT id, version, added, document FROM objects WHERE marking <= $clearance");
            command.Parameters.AddWithValue("$clearance", (int)clearance);
            if (query.AddedAfter is { } after)
            {
                where.Append(" AND added > $after");
                command.Parameters.AddWithValue("$after", Math.DivRem(after.Nanoseconds, 1000) is var (micro, rest) && rest < 0 ? micro - 1 : micro);
            }
            AnyOf(" AND id IN (", query.Ids, "$id");
            AnyOf(" AND type IN (", query.Types, "$type");
            if (!query.All)
            {
                where.Append(" AND (0");
                if (query.Last) where.Append(" OR latest = 1");
                if (query.First) where.Append(" OR first = 1");
                if (query.Versions.Count > 0)
                {
                    AnyOf(" OR version IN (", query.Versions, "$version");
                }
                where.Append(')');
            }
            where.Append(" ORDER BY added LIMIT $limit");
            // One more than asked tells whether there is more.
            command.Parameters.AddWithValue("$limit", limit + 1L);
            command.CommandText = where.ToString();
            var found = new List<TaxiiObject>();
            using var reader = command.ExecuteReader();
            while (reader.Read()) found.Add(new TaxiiObject(reader.GetString(0), reader.GetString(1), new Timestamp(reader.GetInt64(2) * 1000), (byte[])reader[3]));
            var more = found.Count > limit;
            if (more) found.RemoveAt(limit);
            return (found, more);

            void AnyOf(string sql, IReadOnlyList<string> values, string name)
            {
                if (values.Count == 0) return;
                where.Append(sql);
                for (var i = 0; i < values.Count; i++)
                {
                    var parameter = string.Create(CultureInfo.InvariantCulture, $"{name}{i}");
                    where.Append(i == 0 ? "" : ", ").Append(parameter);
                    command.Parameters.AddWithValue(parameter, values[i]);
                }
                where.Append(')');
            }
        });
    }

    /// <summary>What was told, by incident, the newest first.</summary>
    /// <param name="limit">Incidents at most.</param>
    public IReadOnlyList<ToldIncident> Told(int limit) => Read(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT reference, count(*), max(added), reference IN (SELECT reference FROM revoked) FROM objects GROUP BY reference ORDER BY max(added) DESC LIMIT $limit";
        command.Parameters.AddWithValue("$limit", limit);
        var told = new List<ToldIncident>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) told.Add(new ToldIncident(Guid.Parse(reader.GetString(0)), reader.GetInt64(1), new Timestamp(reader.GetInt64(2) * 1000), reader.GetBoolean(3)));
        return told;
    });

    /// <summary>True when a client may see any version of an object.</summary>
    public bool Knows(string id, Tlp clearance) => Find(new TaxiiQuery { Ids = [id], All = true }, 1, clearance).Objects.Count > 0;

    /// <summary>Versions held.</summary>
    public long Count => Read(connection => Number(connection, "SELECT count(*) FROM objects"));

    public void Dispose()
    {
        lock (_writing) _writer.Dispose();
        lock (_reading) _reader.Dispose();
    }

    private bool Add(SqliteConnection connection, string reference, Tlp marking, JsonObject item)
    {
        var id = (string)item["id"]!;
        var content = Convert.ToHexStringLower(SHA256.HashData(PlainJson.Write(Content(item))));
        var added = Math.Max(_time.GetUtcNow().UtcTicks / 10 - DateTime.UnixEpoch.Ticks / 10, _lastAdded + 1);
        var version = (string?)item["modified"] ?? (string?)item["created"] ?? TaxiiJson.Time(new Timestamp(added * 1000));
        using (var known = connection.CreateCommand())
        {
            known.CommandText = "SELECT version, content FROM objects WHERE id = $id AND latest = 1";
            known.Parameters.AddWithValue("$id", id);
            using var reader = known.ExecuteReader();
            if (reader.Read())
            {
                if (reader.GetString(1) == content) return false;
                if (item["modified"] is not null && string.CompareOrdinal(version, reader.GetString(0)) <= 0)
                {
                    version = Later(reader.GetString(0));
                    item["modified"] = version;
                }
            }
        }
        using var command = connection.CreateCommand();
        command.CommandText = """
            UPDATE objects SET latest = 0 WHERE id = $id;
            DELETE FROM objects WHERE id = $id AND (version = $version OR NOT $versioned);
            INSERT INTO objects (added, id, type, version, marking, reference, content, latest, first, document)
            VALUES ($added, $id, $type, $version, $marking, $reference, $content, 1, NOT EXISTS (SELECT 1 FROM objects WHERE id = $id), $document)
            """;
        command.Parameters.AddWithValue("$added", added);
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$type", (string)item["type"]!);
        command.Parameters.AddWithValue("$version", version);
        // An observable has no versions: the newest takes the place of the one before.
        command.Parameters.AddWithValue("$versioned", item["modified"] is not null ? 1 : 0);
        command.Parameters.AddWithValue("$marking", (int)marking);
        command.Parameters.AddWithValue("$reference", reference);
        command.Parameters.AddWithValue("$content", content);
        command.Parameters.AddWithValue("$document", PlainJson.Write(item));
        command.ExecuteNonQuery();
        _lastAdded = added;
        return true;
    }

    /// <summary>What an object says, whatever version it is.</summary>
    private static JsonObject Content(JsonObject item)
    {
        var content = item.DeepClone().AsObject();
        content.Remove("modified");
        return content;
    }

    private static string Later(string version) =>
        Rfc3339.TryParse(version, out var time) ? StixTime.Format(time + TimeSpan.FromMilliseconds(1)) : version + "+";

    private static bool IsRevoked(SqliteConnection connection, Guid reference)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 FROM revoked WHERE reference = $reference";
        command.Parameters.AddWithValue("$reference", reference.ToString());
        return command.ExecuteScalar() is not null;
    }

    private void Trim(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM objects WHERE added IN (SELECT added FROM objects ORDER BY added LIMIT max(0, (SELECT count(*) FROM objects) - $capacity))";
        command.Parameters.AddWithValue("$capacity", Capacity);
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private T Write<T>(Func<SqliteConnection, T> work)
    {
        lock (_writing) return Guarded(_writer, work);
    }

    private T Read<T>(Func<SqliteConnection, T> work)
    {
        lock (_reading) return Guarded(_reader, work);
    }

    private T Guarded<T>(SqliteConnection connection, Func<SqliteConnection, T> work)
    {
        try
        {
            return work(connection);
        }
        catch (SqliteException problem)
        {
            throw StoreException.From(_file, problem);
        }
    }
}
