using Breakwater.Core.Flows;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Storage;

/// <summary>Table <c>traffic_minute</c>. Saving a minute twice adds up: a restart in mid-minute loses nothing of its first half.</summary>
internal static class TrafficTable
{
    public static void Save(SqliteConnection connection, IReadOnlyList<TrafficRollup> rollups)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO traffic_minute VALUES ($minute, $group, $inbound, $class, $packets, $bytes, $flows, $peak)
            ON CONFLICT DO UPDATE SET packets = packets + $packets, bytes = bytes + $bytes, flows = flows + $flows,
                peak_packets_per_second = max(peak_packets_per_second, $peak)
            """;
        var minute = command.Parameters.Add("$minute", SqliteType.Integer);
        var group = command.Parameters.Add("$group", SqliteType.Text);
        var inbound = command.Parameters.Add("$inbound", SqliteType.Integer);
        var trafficClass = command.Parameters.Add("$class", SqliteType.Text);
        var packets = command.Parameters.Add("$packets", SqliteType.Integer);
        var bytes = command.Parameters.Add("$bytes", SqliteType.Integer);
        var flows = command.Parameters.Add("$flows", SqliteType.Integer);
        var peak = command.Parameters.Add("$peak", SqliteType.Real);
        foreach (var rollup in rollups)
        {
            minute.Value = Seconds(rollup.Minute);
            group.Value = rollup.HostGroup;
            inbound.Value = rollup.Inbound;
            trafficClass.Value = rollup.Class.Name();
            packets.Value = rollup.Packets;
            bytes.Value = rollup.Bytes;
            flows.Value = rollup.Flows;
            peak.Value = rollup.PeakPacketsPerSecond;
            command.ExecuteNonQuery();
        }
    }

    public static IReadOnlyList<TrafficRollup> Find(SqliteConnection connection, Timestamp from, Timestamp to, string? hostGroup, TimeSpan step)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT minute / $step * $step, host_group, inbound, class, sum(packets), sum(bytes), sum(flows), max(peak_packets_per_second)
            FROM traffic_minute WHERE minute >= $from AND minute < $to {(hostGroup is null ? "" : "AND host_group = $group")}
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """;
        command.Parameters.AddWithValue("$step", (long)step.TotalSeconds);
        command.Parameters.AddWithValue("$from", Seconds(from));
        command.Parameters.AddWithValue("$to", Seconds(to));
        if (hostGroup is not null) command.Parameters.AddWithValue("$group", hostGroup);
        var found = new List<TrafficRollup>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (!TrafficClassNames.TryParse(reader.GetString(3), out var trafficClass)) continue;
            found.Add(new TrafficRollup(
                Timestamp.FromUnixSeconds(reader.GetInt64(0)), reader.GetString(1), reader.GetBoolean(2), trafficClass,
                reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetDouble(7)));
        }
        return found;
    }

    /// <returns>False when none are left.</returns>
    public static bool Expire(SqliteConnection connection, Timestamp before, int atMost)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            DELETE FROM traffic_minute WHERE (minute, host_group, inbound, class) IN
                (SELECT minute, host_group, inbound, class FROM traffic_minute WHERE minute < $before LIMIT $atMost)
            """;
        command.Parameters.AddWithValue("$before", Seconds(before));
        command.Parameters.AddWithValue("$atMost", atMost);
        return command.ExecuteNonQuery() == atMost;
    }

    /// <summary>Rounded down.</summary>
    private static long Seconds(Timestamp time) => Math.DivRem(time.Nanoseconds, Timestamp.NanosecondsPerSecond) is var (q, r) && r < 0 ? q - 1 : q;
}
