namespace Breakwater.Engine.Storage;

/// <summary>The schema as the steps that lead to it.</summary>
internal static class Schema
{
    /// <remarks>
    /// Times of incidents are nanoseconds since 1970, minutes are seconds. Addresses are 16 bytes in network order (IPv4 as
    /// IPv4-mapped), so that comparing blobs compares addresses. Evidence is a table of its own: lists stay light.
    /// </remarks>
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE incidents (
            id TEXT NOT NULL PRIMARY KEY,
            start INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            state TEXT NOT NULL,
            kind TEXT NOT NULL,
            severity INTEGER NOT NULL,
            target_first BLOB,
            target_last BLOB,
            host BLOB,
            document BLOB NOT NULL
        );
        CREATE INDEX incidents_by_start ON incidents (start DESC, id);
        CREATE INDEX incidents_by_state ON incidents (state, last_seen);
        CREATE TABLE evidence (
            incident TEXT NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
            document BLOB NOT NULL
        );
        CREATE TABLE traffic_minute (
            minute INTEGER NOT NULL,
            host_group TEXT NOT NULL,
            inbound INTEGER NOT NULL,
            class TEXT NOT NULL,
            packets INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            flows INTEGER NOT NULL,
            peak_packets_per_second REAL NOT NULL,
            PRIMARY KEY (minute, host_group, inbound, class)
        ) WITHOUT ROWID;
        CREATE TABLE exporters (
            address TEXT NOT NULL PRIMARY KEY,
            last_seen INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE INDEX exporters_by_last_seen ON exporters (last_seen);
        """,
        """
        CREATE TABLE mitigations (
            id TEXT NOT NULL PRIMARY KEY,
            created INTEGER NOT NULL,
            state TEXT NOT NULL,
            incident TEXT,
            document BLOB NOT NULL
        );
        CREATE INDEX mitigations_by_created ON mitigations (created DESC, id);
        CREATE INDEX mitigations_by_incident ON mitigations (incident);
        """,
    ];
}
